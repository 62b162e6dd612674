//! A thread pool over a port: jobs from any thread, twice as many threads as processors, and as many running as
//! there are processors. A job that blocks says so, and another thread goes on in its place:
//! `cargo run --release --example port_thread_pool`.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};

use ringport::port::PortError;
use ringport::{CompletionPort, Packet};

type Job = Box<dyn FnOnce(&CompletionPort) + Send>;

/// Jobs wait in a slab; the packet of a job carries its place there.
#[derive(Default)]
struct Jobs {
    places: Vec<Option<Job>>,
    free: Vec<usize>,
}

struct Pool {
    port: CompletionPort,
    jobs: Arc<Mutex<Jobs>>,
    threads: Vec<JoinHandle<()>>,
}

const JOB: u64 = 1;
const EXIT: u64 = 2;

impl Pool {
    fn new() -> Result<Pool, PortError> {
        let port = CompletionPort::new(0)?;
        let jobs = Arc::new(Mutex::new(Jobs::default()));
        let threads = (0..2 * port.concurrency())
            .map(|_| {
                let (port, jobs) = (port.clone(), Arc::clone(&jobs));
                thread::spawn(move || work(&port, &jobs))
            })
            .collect();
        Ok(Pool { port, jobs, threads })
    }

    /// Has a thread of the pool run it.
    fn run(&self, job: impl FnOnce(&CompletionPort) + Send + 'static) -> Result<(), Box<dyn Error>> {
        let place = {
            let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
            let place = jobs.free.pop().unwrap_or(jobs.places.len());
            match jobs.places.get_mut(place) {
                Some(free) => *free = Some(Box::new(job)),
                None => jobs.places.push(Some(Box::new(job))),
            }
            place
        };
        Ok(self.port.post(JOB, place as u64)?)
    }

    /// Runs what was handed in, and ends the threads.
    fn finish(self) -> Result<(), Box<dyn Error>> {
        self.threads.iter().try_for_each(|_| self.port.post(EXIT, 0))?;
        for thread in self.threads {
            thread.join().map_err(|_| "a job panicked")?;
        }
        Ok(())
    }
}

fn work(port: &CompletionPort, jobs: &Mutex<Jobs>) {
    while let Ok(Packet::Posted { key: JOB, value }) = port.wait(None) {
        let job = {
            let mut jobs = jobs.lock().unwrap_or_else(PoisonError::into_inner);
            let place = value as usize;
            jobs.free.push(place);
            jobs.places.get_mut(place).and_then(Option::take)
        };
        if let Some(job) = job {
            job(port);
        }
    }
}

/// Sums squares in the pool; one of the jobs waits for all the others, which go on all the same.
pub(crate) fn run() -> Result<u64, Box<dyn Error>> {
    let pool = Pool::new()?;
    let (tell, told) = mpsc::channel();
    let (tell_sum, sum) = mpsc::channel();
    // The receiver ends when the last of the senders below is dropped.
    pool.run(move |port| {
        let total = port.blocking(|| told.iter().sum::<u64>());
        let _ = tell_sum.send(total);
    })?;
    for number in 1..=100u64 {
        let tell = tell.clone();
        pool.run(move |_| {
            let _ = tell.send(number * number);
        })?;
    }
    drop(tell);
    let total = sum.recv()?;
    pool.finish()?;
    Ok(total)
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("the sum of the first hundred squares is {}", run()?);
    Ok(())
}
