//! The thread that makes all overlapped calls. What a thread has pending is cancelled when it ends, so it must be one
//! that never does.
//!
//! ```text
//!   asked   [ run 7 | run 9 | create ]  numbered in this order
//!   done    how many have been done: whoever waits for one looks at this
//! ```
//!
//! What requests need allocates nothing once there is room, so that the allocations of a test are those of what it tests.

use std::collections::VecDeque;
use std::sync::mpsc::channel;
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;

use windows_sys::Win32::Networking::WinSock::RIO_RQ;

use super::world::{World, world};

enum Job {
    Run(RIO_RQ),
    Other(Box<dyn FnOnce(&mut World) + Send>),
}

#[derive(Default)]
struct Jobs {
    asked: VecDeque<Job>,
    /// How many were ever asked for, and done.
    count: u64,
    done: u64,
}

#[derive(Default)]
struct Engine {
    jobs: Mutex<Jobs>,
    some: Condvar,
    progress: Condvar,
}

static ENGINE: LazyLock<&'static Engine> = LazyLock::new(|| {
    let engine: &'static Engine = Box::leak(Box::default());
    thread::spawn(|| engine.work());
    engine
});

impl Engine {
    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for something; its number.
    fn ask(&self, job: Job) -> u64 {
        let mut jobs = self.jobs();
        jobs.asked.push_back(job);
        jobs.count += 1;
        self.some.notify_one();
        jobs.count
    }

    fn wait_for(&self, number: u64) {
        let mut jobs = self.jobs();
        while jobs.done < number {
            jobs = self.progress.wait(jobs).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn work(&self) {
        loop {
            let mut jobs = self.jobs();
            let job = loop {
                match jobs.asked.pop_front() {
                    Some(job) => break job,
                    None => jobs = self.some.wait(jobs).unwrap_or_else(PoisonError::into_inner),
                }
            };
            drop(jobs);
            match job {
                Job::Run(name) => world().run(name),
                Job::Other(job) => job(&mut world()),
            }
            self.jobs().done += 1;
            self.progress.notify_all();
        }
    }
}

/// Has the thread look after a request queue, some time.
pub(super) fn wake(name: RIO_RQ) {
    ENGINE.ask(Job::Run(name));
}

/// Has the thread look after a request queue now. The caller has no lock.
pub(super) fn run(name: RIO_RQ) {
    ENGINE.wait_for(ENGINE.ask(Job::Run(name)));
}

/// Has the thread do something, and waits for what comes of it. The caller has no lock.
pub(super) fn call<T: Send + 'static>(job: impl FnOnce(&mut World) -> T + Send + 'static) -> Option<T> {
    let (answer, answers) = channel();
    ENGINE.ask(Job::Other(Box::new(move |world| _ = answer.send(job(world)))));
    answers.recv().ok()
}
