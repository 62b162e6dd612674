//! One direction of a request queue: requests in post order, the first of which may be in flight.

use std::collections::VecDeque;

use windows_sys::Win32::Networking::WinSock::{
    RIO_CQ, RIO_MSG_DONT_NOTIFY, RIO_MSG_WAITALL, RIO_RQ, SOCKET, WSA_OPERATION_ABORTED, WSAECONNREFUSED,
    WSAECONNRESET, WSAENOBUFS,
};
use windows_sys::Win32::System::IO::CancelIoEx;

use super::buffers::Slice;
use super::collector::Collector;
use super::flight::{Flight, Outcome};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Receive,
    Send,
}

pub(super) struct Request {
    pub(super) data: Option<Slice>,
    pub(super) remote: Option<Slice>,
    pub(super) control: Option<Slice>,
    pub(super) flags_out: Option<Slice>,
    pub(super) flags: u32,
    pub(super) context: u64,
    /// Bytes that are in it, where all are waited for.
    pub(super) filled: u32,
    /// It was tried twice.
    pub(super) retried: bool,
}

/// A request that has a result.
pub(super) struct Finished {
    pub(super) direction: Direction,
    pub(super) error: i32,
    pub(super) bytes: u32,
    pub(super) request_context: u64,
    pub(super) notifies: bool,
}

pub(super) struct Side {
    direction: Direction,
    is_stream: bool,
    /// What is cancelled ends; otherwise it begins again.
    cancels: bool,
    pub(super) completions: RIO_CQ,
    pub(super) limit: u32,
    /// Posted, or completed and not dequeued.
    pub(super) outstanding: u32,
    requests: VecDeque<Request>,
    /// How many of them may run; the others were deferred.
    committed: usize,
    flight: Box<Flight>,
    collector: Option<Collector>,
    /// What is there now ends as aborted.
    aborting: bool,
}

/// Requests that there is room for from the beginning.
const ROOM: u32 = 1 << 12;

impl Side {
    pub(super) fn new(
        direction: Direction,
        is_stream: bool,
        cancels: bool,
        completions: RIO_CQ,
        limit: u32,
    ) -> Side {
        Side {
            direction,
            is_stream,
            cancels,
            completions,
            limit,
            outstanding: 0,
            requests: VecDeque::with_capacity(limit.min(ROOM) as usize),
            committed: 0,
            flight: Flight::new(),
            collector: None,
            aborting: false,
        }
    }

    /// Takes a request, if there is a place for it.
    pub(super) fn post(&mut self, request: Request, deferred: bool) -> Result<(), i32> {
        if self.outstanding >= self.limit {
            return Err(WSAENOBUFS);
        }
        self.outstanding += 1;
        self.requests.push_back(request);
        if !deferred {
            self.commit();
        }
        Ok(())
    }

    /// Lets all that was deferred run.
    pub(super) fn commit(&mut self) {
        self.committed = self.requests.len();
    }

    /// Ends all that is there; what is in flight ends when the system says so.
    pub(super) fn abort(&mut self, socket: SOCKET) {
        if self.flight.running {
            // SAFETY: the structure is that of a call that has not been taken in yet.
            unsafe { CancelIoEx(socket as _, self.flight.overlapped()) };
        }
        self.aborting = true;
    }

    /// Takes in what ended and makes the next calls, as many as end at once. True when it turned out that its calls
    /// were cancelled, or its socket closed.
    pub(super) fn advance(&mut self, name: RIO_RQ, socket: SOCKET, finished: &mut Vec<Finished>) -> bool {
        loop {
            let was_running = self.flight.running;
            let outcome = if was_running {
                self.flight.outcome(socket)
            } else if self.aborting {
                self.drain(finished);
                return false;
            } else if self.committed == 0 {
                return false;
            } else {
                self.start(name, socket)
            };
            let Some(outcome) = outcome else { return false };
            let is_cancelled = was_running && outcome.error == WSA_OPERATION_ABORTED;
            if is_cancelled && !self.cancels && !self.aborting || self.is_told_of_others(outcome.error) {
                continue;
            }
            self.settle(outcome, finished);
            if outcome.error == WSA_OPERATION_ABORTED {
                self.drain(finished);
                return true;
            }
        }
    }

    /// Windows never has a datagram fail for what became of an earlier one; Wine does, once, and takes it the next time.
    fn is_told_of_others(&mut self, error: i32) -> bool {
        let told = matches!(error, WSAECONNREFUSED | WSAECONNRESET) && self.direction == Direction::Send;
        let first = self.requests.front_mut().filter(|first| told && !self.is_stream && !first.retried);
        first.map(|first| first.retried = true).is_some()
    }

    fn start(&mut self, name: RIO_RQ, socket: SOCKET) -> Option<Outcome> {
        let request = self.requests.front()?;
        if self.collector.is_none() {
            self.collector = Collector::take(name);
        }
        let Some(collector) = &self.collector else {
            return Some(Outcome { error: WSAENOBUFS, bytes: 0 });
        };
        self.flight.start(socket, self.direction, request, collector.event())
    }

    /// Gives the first request its result, unless it waits for more.
    fn settle(&mut self, outcome: Outcome, finished: &mut Vec<Finished>) {
        let Some(request) = self.requests.front_mut() else { return };
        if self.direction == Direction::Receive && outcome.error != WSA_OPERATION_ABORTED {
            self.flight.deliver(request, outcome);
        }
        let room = request.data.map_or(0, |data| data.length);
        request.filled = (request.filled + outcome.bytes).min(room);
        let waits = request.flags & RIO_MSG_WAITALL != 0 && request.filled < room;
        if waits && outcome.error == 0 && outcome.bytes > 0 {
            return;
        }
        self.finish(outcome.error, finished);
    }

    fn finish(&mut self, error: i32, finished: &mut Vec<Finished>) {
        let Some(request) = self.requests.pop_front() else { return };
        self.committed = self.committed.saturating_sub(1);
        let sent = self.direction == Direction::Send && error != 0;
        finished.push(Finished {
            direction: self.direction,
            error,
            bytes: if sent { 0 } else { request.filled },
            request_context: request.context,
            notifies: request.flags & RIO_MSG_DONT_NOTIFY == 0,
        });
    }

    fn drain(&mut self, finished: &mut Vec<Finished>) {
        while !self.requests.is_empty() {
            self.finish(WSA_OPERATION_ABORTED, finished);
        }
        self.aborting = false;
    }

    /// Leaves its event to others.
    pub(super) fn recycle(self) {
        if let Some(collector) = self.collector {
            collector.recycle();
        }
    }
}
