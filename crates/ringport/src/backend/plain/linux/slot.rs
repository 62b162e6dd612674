//! The state of one handle: what was started on it and is not done.

use std::collections::VecDeque;
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::backend::plain::{Direction, Outcome, Request};
use crate::backend::sys::epoll::Flags;
use crate::net::{Claim, UdpSocket};

/// What a handle is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    File,
    Udp,
    Stream,
    Listener,
}

/// Keeps the descriptor open.
#[derive(Clone, Debug)]
pub(crate) enum Descriptor {
    Udp(UdpSocket),
    Owned(Arc<OwnedFd>),
}

impl Descriptor {
    /// That of a file.
    pub(crate) fn of_file(file: File) -> Descriptor {
        Descriptor::Owned(Arc::new(file.into()))
    }

    /// That of a socket.
    pub(crate) fn of_socket(socket: impl Into<OwnedFd>) -> Descriptor {
        Descriptor::Owned(Arc::new(socket.into()))
    }
}

impl AsFd for Descriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Descriptor::Udp(socket) => socket.as_fd(),
            Descriptor::Owned(descriptor) => descriptor.as_fd(),
        }
    }
}

/// What a handle brings along.
#[derive(Debug)]
pub(crate) struct Holding {
    pub(crate) descriptor: Descriptor,
    pub(crate) subject: Subject,
    pub(crate) key: u64,
    /// Keeps others from the same socket.
    pub(crate) _claim: Option<Claim>,
}

/// An operation that is being done.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) number: u64,
    /// If it turns out that it has to wait, it ends instead.
    pub(super) cancelled: bool,
}

/// The operations of one direction.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// In the order they were started.
    pub(super) pending: VecDeque<Request>,
    pub(super) running: Vec<Running>,
}

impl Lane {
    /// Notes the end of one; whether it was cancelled.
    pub(super) fn finish(&mut self, number: u64) -> bool {
        match self.running.iter().position(|running| running.number == number) {
            Some(index) => self.running.swap_remove(index).cancelled,
            None => false,
        }
    }

    /// Takes the next, which is running from now on.
    pub(super) fn begin_next(&mut self) -> Option<Request> {
        let request = self.pending.pop_front()?;
        self.running.push(Running { number: request.number, cancelled: false });
        Some(request)
    }
}

/// See the module. A slot is used again for another handle; the generation tells them apart.
#[derive(Debug)]
pub(super) struct State {
    pub(super) generation: u32,
    pub(super) holding: Option<Holding>,
    /// No more operations are started, and the slot is vacated when nothing is running.
    pub(super) closing: bool,
    /// Operations that may be outstanding.
    pub(super) limit: usize,
    /// What is done at once posts no packet.
    pub(super) skip: bool,
    pub(super) next_number: u64,
    pub(super) lanes: [Lane; 2],
    /// What epoll was told to watch for.
    pub(super) armed: Flags,
    /// How many datagrams the next call prepares for.
    pub(super) expected: usize,
    /// Room for those, kept from call to call.
    pub(super) batch: Vec<Request>,
}

impl State {
    pub(super) fn lane(&mut self, direction: Direction) -> &mut Lane {
        let [inward, outward] = &mut self.lanes;
        match direction {
            Direction::In => inward,
            Direction::Out => outward,
        }
    }

    pub(super) fn outstanding(&self) -> usize {
        self.lanes.iter().map(|lane| lane.pending.len() + lane.running.len()).sum()
    }

    pub(super) fn is_running(&self) -> bool {
        self.lanes.iter().any(|lane| !lane.running.is_empty())
    }

    pub(super) fn key(&self) -> u64 {
        self.holding.as_ref().map_or(0, |holding| holding.key)
    }

    pub(super) fn subject(&self) -> Option<Subject> {
        self.holding.as_ref().map(|holding| holding.subject)
    }

    /// The descriptor. It stays open as long as an operation is running.
    pub(super) fn descriptor(&self) -> RawFd {
        self.holding.as_ref().map_or(-1, |holding| holding.descriptor.as_fd().as_raw_fd())
    }

    /// Notes that an operation is running, and tells on which descriptor.
    pub(super) fn begin(&mut self, direction: Direction, number: u64) -> RawFd {
        self.lane(direction).running.push(Running { number, cancelled: false });
        self.descriptor()
    }

    /// Ends all that is pending, as by a failure of the system or by a cancellation.
    pub(super) fn end_pending(
        &mut self,
        outcome: impl Fn(&Request) -> Outcome,
        out: &mut dyn FnMut(super::Done),
    ) {
        let key = self.key();
        for lane in &mut self.lanes {
            for request in lane.pending.drain(..) {
                let outcome = outcome(&request);
                out(request.done(key, outcome));
            }
        }
    }
}

/// A state with its lock.
#[derive(Debug)]
pub(super) struct Slot {
    state: Mutex<State>,
    /// Told when the slot was vacated.
    vacated: Condvar,
}

impl Slot {
    pub(super) fn new() -> Slot {
        let state = State {
            generation: 0,
            holding: None,
            closing: false,
            limit: 0,
            skip: false,
            next_number: 0,
            lanes: Default::default(),
            armed: 0,
            expected: 0,
            batch: Vec::new(),
        };
        Slot { state: Mutex::new(state), vacated: Condvar::new() }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whoever waits for it.
    pub(super) fn tell_vacated(&self) {
        self.vacated.notify_all();
    }

    /// Waits until the handle of this generation is gone.
    pub(super) fn wait_until_vacated(&self, mut state: MutexGuard<'_, State>, generation: u32) {
        while state.generation == generation {
            state = self.vacated.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
