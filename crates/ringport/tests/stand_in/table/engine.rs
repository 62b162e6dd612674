//! The thread that makes all overlapped calls. What a thread has pending is cancelled when it ends, so it must be one
//! that never does.

use std::sync::LazyLock;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use windows_sys::Win32::Networking::WinSock::RIO_RQ;

use super::world::{World, world};

type Job = Box<dyn FnOnce(&mut World) + Send>;

static ENGINE: LazyLock<Sender<Job>> = LazyLock::new(|| {
    let (jobs, asked) = channel::<Job>();
    thread::spawn(move || asked.into_iter().for_each(|job| job(&mut world())));
    jobs
});

/// Has the thread look after a request queue.
pub(super) fn wake(name: RIO_RQ) {
    let _ = ENGINE.send(Box::new(move |world| world.run(name)));
}

/// Has the thread do something, and waits for what comes of it. The caller has no lock.
pub(super) fn call<T: Send + 'static>(job: impl FnOnce(&mut World) -> T + Send + 'static) -> Option<T> {
    let (answer, answers) = channel();
    let job: Job = Box::new(move |world| _ = answer.send(job(world)));
    ENGINE.send(job).ok()?;
    answers.recv().ok()
}
