//! A thread of a port that does one thing at a time, and only when it is told to.
//!
//! ```text
//!   test ── wait(), run(..) ──► orders ──► thread ──► reports ──► packet() ── test
//! ```

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use ringport::port::PortWaitError;

type Order = Box<dyn FnOnce() + Send>;
type Report<P> = Result<<P as Serves>::Packet, PortWaitError>;

/// A port, or a handle to one that can break its rules.
pub(crate) trait Serves: Clone + Send + 'static {
    type Packet: Send + 'static;

    fn wait(&self, time: Option<Duration>) -> Report<Self>;

    /// How many threads wait.
    fn waiting(&self) -> usize;

    /// After this a test that waits in vain fails.
    fn patience(&self) -> Duration;

    /// Looks again and again until there is something to see.
    fn until<T>(&self, what: &str, look: impl FnMut() -> Option<T>) -> T;

    /// What a posted packet carries.
    fn posted(packet: Self::Packet) -> (u64, u64);
}

/// See the module.
pub(crate) struct Worker<P: Serves> {
    port: P,
    orders: Sender<Order>,
    reports: Receiver<Report<P>>,
    reporter: Sender<Report<P>>,
    thread: JoinHandle<()>,
}

impl<P: Serves> Worker<P> {
    /// A thread that belongs to no port yet.
    pub(crate) fn new(port: &P) -> Worker<P> {
        let (orders, taken) = channel::<Order>();
        let (reporter, reports) = channel();
        let thread = std::thread::spawn(move || taken.into_iter().for_each(|order| order()));
        Worker { port: port.clone(), orders, reports, reporter, thread }
    }

    /// A thread that waits on the port for ever; returns when it does.
    pub(crate) fn waiting(port: &P) -> Worker<P> {
        let worker = Worker::new(port);
        worker.wait_asleep();
        worker
    }

    /// So many of them, the first first.
    pub(crate) fn several(port: &P, count: usize) -> Vec<Worker<P>> {
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
        finished.recv_timeout(self.port.patience()).unwrap()
    }

    /// Lets the thread wait for a packet.
    pub(crate) fn wait(&self) {
        self.wait_for(None);
    }

    /// Lets the thread wait for a packet, for so long.
    pub(crate) fn wait_for(&self, time: Option<Duration>) {
        let (port, reporter) = (self.port.clone(), self.reporter.clone());
        // Nobody listens any more when its test has failed.
        self.run(move || _ = reporter.send(port.wait(time)));
    }

    /// Lets the thread wait for a packet; returns when it does.
    pub(crate) fn wait_asleep(&self) {
        let before = self.port.waiting();
        self.wait();
        self.port.until("the thread waits", || (self.port.waiting() > before).then_some(()));
    }

    /// How the thread's wait ended.
    pub(crate) fn report(&self) -> Report<P> {
        self.reports.recv_timeout(self.port.patience()).expect("the thread did not come back")
    }

    /// Key and value of the packet that ended the thread's wait.
    pub(crate) fn packet(&self) -> (u64, u64) {
        P::posted(self.report().unwrap_or_else(|error| panic!("no packet: {error}")))
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
