//! A request queue.

use ringport::queue::{Outstanding, PostError, QueueError, ReceiveBuffer, RequestCounters, SendBuffer};
use ringport::{Limits, Refused, RequestQueue, UdpSocket};

use super::queue::Kind;
use super::{Queue, ReceiveAs, SendAs};
use crate::World;

/// See the module.
pub(crate) struct Requests {
    world: World,
    inner: RequestQueue,
}

impl Requests {
    pub(crate) fn new(
        world: &World,
        socket: &UdpSocket,
        receives: &Queue,
        sends: &Queue,
        limits: Limits,
        context: u64,
    ) -> Result<Requests, QueueError> {
        let inner = match (&receives.inner, &sends.inner) {
            (Kind::Polled(one), Kind::Polled(other)) => {
                RequestQueue::new(socket, one, other, limits, context)
            }
            (Kind::Polled(one), Kind::Event(other)) => RequestQueue::new(socket, one, other, limits, context),
            (Kind::Event(one), Kind::Polled(other)) => RequestQueue::new(socket, one, other, limits, context),
            (Kind::Event(one), Kind::Event(other)) => RequestQueue::new(socket, one, other, limits, context),
        }?;
        Ok(Requests { world: world.clone(), inner })
    }

    pub(crate) fn receive<B: ReceiveBuffer>(&self, buffer: B, token: u64) -> Result<(), Refused<B>> {
        self.receive_as(ReceiveAs::default(), buffer, token)
    }

    pub(crate) fn receive_as<B>(&self, flags: ReceiveAs, buffer: B, token: u64) -> Result<(), Refused<B>>
    where
        B: ReceiveBuffer,
    {
        match self.inner.receive_with(buffer, flags.options(), token) {
            Err(refused)
                if matches!(refused.error, PostError::LimitReached { .. })
                    && self.world.breaks("registered_io::posting::receives_are_limited") =>
            {
                Ok(())
            }
            result => result,
        }
    }

    pub(crate) fn send_as<B>(&self, flags: SendAs<'_>, buffer: B, token: u64) -> Result<(), Refused<B>>
    where
        B: SendBuffer,
    {
        self.inner.send_with(buffer, flags.options(), token)
    }

    pub(crate) fn commit(&self) {
        self.inner.commit();
    }

    pub(crate) fn cancel(&self) {
        self.inner.cancel();
    }

    pub(crate) fn resize(&self, limits: Limits) -> Result<(), QueueError> {
        self.inner.resize(limits)
    }

    pub(crate) fn limits(&self) -> Limits {
        self.inner.limits()
    }

    pub(crate) fn outstanding(&self) -> Outstanding {
        self.inner.outstanding()
    }

    pub(crate) fn counters(&self) -> RequestCounters {
        self.inner.counters()
    }

    pub(crate) fn close(self) {
        self.inner.close();
    }
}
