//! The state of one handle: what was started on it and whose packet was not taken yet.

use std::os::windows::io::RawHandle;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::PATIENCE;
use super::handle::Holding;
use super::node::Node;
use super::nodes::Nodes;
use crate::backend::plain::Request;

/// Operations that may be outstanding on a handle, unless told otherwise.
const LIMIT: usize = 1024;
/// Looks at the operations with the turns of other threads between them, before a sleep is.
const QUICK_LOOKS: u32 = 100;

/// An operation of the handle.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) number: u64,
    pub(super) node: Node,
    /// If it is to go on, it ends instead.
    pub(super) cancelled: bool,
}

#[derive(Debug)]
pub(super) struct State {
    /// `None` when the handle is closed.
    pub(super) holding: Option<Holding>,
    /// No more operations are started, and none goes on.
    pub(super) closing: bool,
    pub(super) limit: usize,
    /// What is done at once posts no packet: as the user wants it.
    pub(super) skip: bool,
    /// The same, as the system was told. That cannot be taken back.
    pub(super) system_skips: bool,
    pub(super) next_number: u64,
    pub(super) running: Vec<Running>,
    free: Vec<Node>,
    nodes: Arc<Nodes>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(super) key: u64,
    state: Mutex<State>,
    /// Calls that start operations, at this moment.
    starting: AtomicUsize,
    /// Goes up with each cancellation. A starter that finds it changed looks whether its operation was meant.
    cancellations: AtomicU32,
}

impl Slot {
    pub(super) fn new(holding: Holding, nodes: Arc<Nodes>) -> Slot {
        let key = holding.key;
        let state = State {
            holding: Some(holding),
            closing: false,
            limit: LIMIT,
            skip: false,
            system_skips: false,
            next_number: 1,
            running: Vec::new(),
            free: Vec::new(),
            nodes,
        };
        let (starting, cancellations) = (AtomicUsize::new(0), AtomicU32::new(0));
        Slot { key, state: Mutex::new(state), starting, cancellations }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn cancellations(&self) -> u32 {
        self.cancellations.load(Ordering::SeqCst)
    }

    /// Before the system is asked to cancel: whoever starts an operation at this moment sees it after its call.
    pub(super) fn note_cancellation(&self) {
        self.cancellations.fetch_add(1, Ordering::SeqCst);
    }

    /// Called under the lock. While a call starts an operation, the handle stays open.
    pub(super) fn begin_starting(&self) {
        self.starting.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn end_starting(&self) {
        self.starting.fetch_sub(1, Ordering::SeqCst);
    }

    /// Called under the lock, which keeps it so.
    pub(super) fn is_starting(&self) -> bool {
        self.starting.load(Ordering::SeqCst) > 0
    }

    /// Waits until no operation is being started and `is_so`, but not for ever; whether it is so. The system has no way to
    /// tell: the packets belong to the threads of the port.
    pub(super) fn wait_until(&self, is_so: impl Fn(&State) -> bool) -> (MutexGuard<'_, State>, bool) {
        let (mut looks, begin) = (0u32, Instant::now());
        loop {
            let state = self.lock();
            let is_it = !self.is_starting() && is_so(&state);
            if is_it || begin.elapsed() >= PATIENCE {
                return (state, is_it);
            }
            drop(state);
            looks = looks.saturating_add(1);
            if looks < QUICK_LOOKS { thread::yield_now() } else { thread::sleep(Duration::from_millis(1)) }
        }
    }

    /// Tells the system to send no packets for what is done at once, the first time.
    pub(super) fn skip_on_success(&self) {
        if self.lock().system_skips {
            return;
        }
        // An operation that is being started would not know whether its packet comes.
        let (mut state, is_still) = self.wait_until(|_| true);
        // Otherwise the packets come still.
        if let Some(holding) = state.holding.as_ref().filter(|_| is_still) {
            // Where the system does not do it, the packets come.
            state.system_skips = holding.descriptor.skip_on_success();
        }
    }
}

impl State {
    /// The handle, as long as it is open.
    pub(super) fn raw(&self) -> Option<RawHandle> {
        self.holding.as_ref().map(|holding| holding.descriptor.raw())
    }

    /// Operations that the system has.
    pub(super) fn outstanding(&self) -> usize {
        self.running.iter().filter(|running| running.node.is_pending()).count()
    }

    pub(super) fn find(&mut self, number: u64) -> Option<&mut Running> {
        // The freshest is asked for most.
        self.running.iter_mut().rev().find(|running| running.number == number)
    }

    /// Takes a place for an operation, which is running from now on.
    pub(super) fn begin(&mut self, slot: &Arc<Slot>, request: Request) -> Node {
        let node = self.free.pop().unwrap_or_else(|| self.nodes.take());
        let number = request.number;
        // SAFETY: it was free, so it is the starter's, who is the caller.
        let flight = unsafe { node.flight() };
        flight.slot = Some(Arc::clone(slot));
        flight.request = Some(request);
        flight.retried = false;
        // SAFETY: as above.
        unsafe { node.prepare(0) };
        node.set_index(self.running.len());
        self.running.push(Running { number, node, cancelled: false });
        node
    }

    /// Gives the place of an operation back that is over.
    ///
    /// # Safety
    /// The caller has the place.
    pub(super) unsafe fn finish(&mut self, node: Node) -> Option<Request> {
        let index = node.index();
        if self.running.get(index).is_some_and(|running| running.node == node) {
            self.running.swap_remove(index);
            if let Some(moved) = self.running.get(index) {
                moved.node.set_index(index);
            }
        }
        // SAFETY: the caller says so.
        let flight = unsafe { node.flight() };
        flight.slot = None;
        flight.accepted = None;
        let request = flight.request.take();
        self.free.push(node);
        request
    }
}

impl Drop for State {
    fn drop(&mut self) {
        // An operation that is running keeps the slot, so there is none.
        self.nodes.put(self.free.drain(..));
    }
}
