//! A thread of a port that does one thing at a time, and only when it is told to.
//!
//! ```text
//!   test ── wait(), run(..) ──► orders ──► thread ──► reports ──► packet() ── test
//! ```

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use ringport::port::PortWaitError;
use ringport::{CompletionPort, Packet};

use crate::posted;
use crate::until::{PATIENCE, until};

type Order = Box<dyn FnOnce() + Send>;
type Report = Result<Packet, PortWaitError>;

/// See the module.
pub(crate) struct Worker {
    port: CompletionPort,
    orders: Sender<Order>,
    reports: Receiver<Report>,
    reporter: Sender<Report>,
    thread: JoinHandle<()>,
}

impl Worker {
    /// A thread that belongs to no port yet.
    pub(crate) fn new(port: &CompletionPort) -> Worker {
        let (orders, taken) = channel::<Order>();
        let (reporter, reports) = channel();
        let thread = std::thread::spawn(move || taken.into_iter().for_each(|order| order()));
        Worker { port: port.clone(), orders, reports, reporter, thread }
    }

    /// A thread that waits on the port for ever; returns when it does.
    pub(crate) fn waiting(port: &CompletionPort) -> Worker {
        let worker = Worker::new(port);
        worker.wait_asleep();
        worker
    }

    /// So many of them, the first first.
    pub(crate) fn several(port: &CompletionPort, count: usize) -> Vec<Worker> {
        (0..count).map(|_| Worker::waiting(port)).collect()
    }

    /// Lets the thread do something.
    pub(crate) fn run(&self, order: impl FnOnce() + Send + 'static) {
        self.orders.send(Box::new(order)).unwrap();
    }

    /// Lets the thread do something, and waits until it is done.
    pub(crate) fn finish<R: Send + 'static>(&self, order: impl FnOnce() -> R + Send + 'static) -> R {
        let (done, finished) = channel();
        self.run(move || done.send(order()).unwrap());
        finished.recv_timeout(PATIENCE).unwrap()
    }

    /// Lets the thread wait for a packet.
    pub(crate) fn wait(&self) {
        self.wait_for(None);
    }

    /// Lets the thread wait for a packet, for so long.
    pub(crate) fn wait_for(&self, time: Option<Duration>) {
        let (port, reporter) = (self.port.clone(), self.reporter.clone());
        self.run(move || reporter.send(port.wait(time)).unwrap());
    }

    /// Lets the thread wait for a packet; returns when it does.
    pub(crate) fn wait_asleep(&self) {
        let before = self.port.counters().waiting;
        self.wait();
        until("the thread waits", || (self.port.counters().waiting > before).then_some(()));
    }

    /// How the thread's wait ended.
    pub(crate) fn report(&self) -> Report {
        self.reports.recv_timeout(PATIENCE).expect("the thread did not come back")
    }

    /// Key and value of the packet that ended the thread's wait.
    pub(crate) fn packet(&self) -> (u64, u64) {
        posted(self.report().unwrap())
    }

    /// Whether the thread's wait goes on.
    pub(crate) fn is_silent(&self) -> bool {
        self.reports.try_recv().is_err()
    }

    /// Ends the thread, after all it was told; an error if it panicked.
    pub(crate) fn end(self) -> std::thread::Result<()> {
        drop(self.orders);
        self.thread.join()
    }
}
