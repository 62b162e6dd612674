//! A request queue: making it, its limits, and its end.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;

use ringport::queue::{Outstanding, QueueError, RequestCounters};
use ringport::{BufferMut, CompletionQueue, Limits, RequestQueue, UdpSocket};
use socket2::SockRef;

use super::queue::Kind;
use super::{Queue, Served};
use crate::World;
use crate::system::number;

/// See the module.
pub(crate) struct Requests<S = UdpSocket> {
    pub(super) world: World,
    pub(super) inner: RequestQueue<S>,
    /// For faults that keep it open.
    socket: S,
    /// What faults remember of its socket and its sends.
    pub(super) was_connected: bool,
    pub(super) first_peer: Cell<Option<SocketAddr>>,
    pub(super) sends: Cell<u64>,
    pub(super) held: RefCell<Option<(BufferMut, Option<SocketAddr>, u64)>>,
    /// A completion queue that nobody asked for.
    _hidden: Option<Queue>,
}

impl<S: Served> Requests<S> {
    pub(crate) fn new(
        world: &World,
        socket: &S,
        receives: &Queue,
        sends: &Queue,
        limits: Limits,
        context: u64,
    ) -> Result<Requests<S>, QueueError> {
        let was_connected = S::IS_STREAM || SockRef::from(socket).peer_addr().is_ok();
        let address = SockRef::from(socket).local_addr().ok().and_then(|address| address.as_socket());
        if !S::IS_STREAM
            && address.is_none_or(|address| address.port() == 0)
            && world.breaks("registered_io::request_queues::the_socket_need_not_be_bound")
        {
            return Err(QueueError::SocketTaken);
        }
        if world.noted("closed socket") == number(socket)
            && world.breaks("registered_io::pitfalls::a_socket_can_be_used_again")
        {
            return Err(QueueError::SocketTaken);
        }
        if world.noted("accepted") == number(socket)
            && world.breaks("registered_io::pitfalls::an_accepted_socket_is_served")
        {
            return Err(QueueError::SocketTaken);
        }
        let limits = match limits {
            Limits { receives: 0, sends: 0, .. }
                if world.breaks("registered_io::request_queues::limits_of_nothing_are_refused") =>
            {
                Limits { receives: 1, receive_buffers: 1, ..limits }
            }
            limits => limits,
        };
        let one = world.breaks("registered_io::request_queues::each_direction_completes_in_its_queue");
        let sends = if one { receives } else { sends };
        let (result, hidden) = match make(socket, receives, sends, limits, context) {
            Err(QueueError::NoRoom { .. }) if breaks_room(world) => instead(world, socket, limits, context),
            Err(QueueError::SocketTaken)
                if world.breaks("registered_io::request_queues::a_socket_has_one_request_queue") =>
            {
                instead(world, &S::another(), limits, context)
            }
            result => (result, None),
        };
        Ok(Requests {
            world: world.clone(),
            inner: result?,
            socket: socket.clone(),
            was_connected,
            first_peer: Cell::default(),
            sends: Cell::default(),
            held: RefCell::default(),
            _hidden: hidden,
        })
    }

    pub(crate) fn cancel(&self) {
        self.world.note("cancelled", 1);
        self.inner.cancel();
    }

    pub(crate) fn resize(&self, limits: Limits) -> Result<(), QueueError> {
        let breaks = |row: &str| self.world.breaks(row);
        if breaks("registered_io::request_queues::resizing_carries_requests_over") {
            self.inner.cancel();
        }
        match self.inner.resize(limits) {
            Err(QueueError::InUse { .. })
                if breaks("registered_io::request_queues::resizing_below_what_is_out_is_refused") =>
            {
                Ok(())
            }
            Err(QueueError::InvalidLimits(_))
                if breaks("registered_io::request_queues::resizing_to_nothing_is_refused") =>
            {
                Ok(())
            }
            Err(QueueError::NoRoom { .. }) if breaks("registered_io::request_queues::growing_takes_room") => {
                Ok(())
            }
            result => result,
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        self.inner.limits()
    }

    pub(crate) fn outstanding(&self) -> Outstanding {
        let mut outstanding = self.inner.outstanding();
        if self.world.breaks("buffers::exhaustion::a_receive_without_a_slice_waits") {
            outstanding.starved = 0;
        }
        outstanding
    }

    pub(crate) fn counters(&self) -> RequestCounters {
        let counters = self.inner.counters();
        self.world.note("unreachable", counters.unreachable);
        counters
    }

    pub(crate) fn close(self) {
        self.world.note("closed", 1);
        self.world.note("closed socket", number(&self.socket));
        if S::IS_STREAM && self.world.breaks("registered_io::streams::the_last_handle_ends_the_connection") {
            self.world.keep(self.socket.clone());
        }
        self.inner.close();
    }
}

fn make<S: Served>(
    socket: &S,
    receives: &Queue,
    sends: &Queue,
    limits: Limits,
    context: u64,
) -> Result<RequestQueue<S>, QueueError> {
    match (&receives.inner, &sends.inner) {
        (Kind::Polled(one), Kind::Polled(other)) => RequestQueue::new(socket, one, other, limits, context),
        (Kind::Polled(one), Kind::Event(other)) => RequestQueue::new(socket, one, other, limits, context),
        (Kind::Event(one), Kind::Polled(other)) => RequestQueue::new(socket, one, other, limits, context),
        (Kind::Event(one), Kind::Event(other)) => RequestQueue::new(socket, one, other, limits, context),
    }
}

/// Whether a fault finds room where there is none: after a request queue was closed, or before.
fn breaks_room(world: &World) -> bool {
    match world.noted("closed") {
        0 => world.breaks("registered_io::request_queues::limits_add_up_to_the_size_at_most"),
        _ => world.breaks("registered_io::pitfalls::places_come_back_with_the_last_dequeue"),
    }
}

/// On a completion queue of its own.
fn instead<S: Served>(
    world: &World,
    socket: &S,
    limits: Limits,
    context: u64,
) -> (Result<RequestQueue<S>, QueueError>, Option<Queue>) {
    let size = (limits.receives + limits.sends) as usize;
    let inner = CompletionQueue::builder(size).backend(world.backend.choice).polled();
    match inner {
        Ok(inner) => {
            let queue = Queue { world: world.clone(), inner: Kind::Polled(inner), dequeued: 0 };
            (make(socket, &queue, &queue, limits, context), Some(queue))
        }
        Err(error) => (Err(error), None),
    }
}
