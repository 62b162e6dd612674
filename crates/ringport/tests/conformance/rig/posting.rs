//! Posting to a request queue.

use std::any::Any;

use ringport::net::DataSocket;
use ringport::queue::{PostError, ReceiveBuffer, SendBuffer};
use ringport::{BufferMut, Chain, ChainMut, Refused};

use super::{Pool, ReceiveAs, Requests, SendAs, Served};

impl<S: Served + DataSocket> Requests<S> {
    pub(crate) fn receive<B>(&self, buffer: B, token: u64) -> Result<(), Refused<B>>
    where
        B: ReceiveBuffer + 'static,
    {
        self.receive_as(ReceiveAs::default(), buffer, token)
    }

    pub(crate) fn receive_as<B>(&self, flags: ReceiveAs, buffer: B, token: u64) -> Result<(), Refused<B>>
    where
        B: ReceiveBuffer + 'static,
    {
        let (world, mut flags, mut buffer) = (&self.world, flags, buffer);
        self.spoil_silence(&mut flags.silent, token);
        if flags.wait_all {
            world.note("waits for all", 1);
            let of_many = (&buffer as &dyn Any).is::<ChainMut>();
            flags.wait_all = !world.breaks(match (S::IS_STREAM, of_many) {
                (false, _) => "registered_io::flags::waiting_for_all_needs_a_stream",
                (true, false) => "registered_io::streams::waiting_for_all_fills_the_slice",
                (true, true) => "registered_io::streams::waiting_for_all_fills_every_slice",
            });
        }
        if let Some(chain) = (&mut buffer as &mut dyn Any).downcast_mut::<ChainMut>()
            && world.breaks("registered_io::posting::a_receive_fills_its_slices_in_order")
        {
            let turned: Vec<_> = std::mem::take(chain).into_buffers().into_iter().rev().collect();
            *chain = turned.into();
        }
        let result = self.inner.receive_with(buffer, flags.options(), token);
        if result.is_ok() {
            world.count("receives", 1);
        }
        self.spoil_refusal(result, token)
    }

    /// So many receives, with less ado than one of them.
    pub(crate) fn receive_many(&self, pool: &Pool, count: u64) {
        let lost = self.world.breaks("registered_io::posting::more_receives_than_the_kernel_takes_wait");
        let count = if lost { count.min(32_768) } else { count };
        (0..count).for_each(|token| self.inner.receive(pool.inner().take().unwrap(), token).unwrap());
    }

    /// With a slice of the pool, now or when one returns.
    pub(crate) fn receive_when_free(&self, pool: &Pool, token: u64) -> Result<(), PostError> {
        if pool.figures().free == 0 {
            self.world.note("starved", 1);
        }
        self.inner.receive_when_free(pool.inner(), ReceiveAs::default().options(), token)
    }

    pub(crate) fn send_as<B>(&self, flags: SendAs<'_>, buffer: B, token: u64) -> Result<(), Refused<B>>
    where
        B: SendBuffer + 'static,
    {
        let (world, mut flags, mut buffer) = (&self.world, flags, buffer);
        self.spoil_silence(&mut flags.silent, token);
        self.spoil_destination(&mut flags);
        if flags.to.is_none()
            && !self.was_connected
            && world.breaks("registered_io::request_queues::the_socket_need_not_be_connected")
        {
            return Err(Refused { buffer, error: PostError::NoDestination });
        }
        if flags.deferred {
            world.note("deferred", 1);
            flags.deferred = !world.breaks("registered_io::flags::deferred_requests_wait");
            if world.breaks("registered_io::pitfalls::addresses_live_as_long_as_their_request") {
                flags.control = None;
            }
        } else if world.noted("deferred") > 0 {
            flags.deferred = world.breaks("registered_io::flags::the_next_post_takes_the_deferred_along");
        }
        if let Some(chain) = (&mut buffer as &mut dyn Any).downcast_mut::<ChainMut>()
            && chain.buffers().len() <= self.limits().send_buffers as usize
            && world.breaks("registered_io::posting::a_send_gathers_its_slices")
        {
            chain.pop_front();
        }
        if let Some(chain) = (&mut buffer as &mut dyn Any).downcast_mut::<Chain>()
            && !S::IS_STREAM
            && chain.buffers().len() > 2
            && world.breaks("buffers::chains::a_chain_of_views_is_sent_as_one")
        {
            *chain = without_the_first(chain);
        }
        let (late, row) = match S::IS_STREAM {
            false => (9, "registered_io::order::sends_leave_in_the_order_of_posting"),
            true => (2, "registered_io::order::sends_of_a_stream_leave_in_the_order_of_posting"),
        };
        if world.breaks(row) {
            return self.send_late(late, flags, buffer, token);
        }
        self.spoil_refusal(self.inner.send_with(buffer, flags.options(), token), token)
    }

    fn spoil_silence(&self, silent: &mut bool, token: u64) {
        if *silent {
            self.world.note("silent", token + 1);
            *silent = !self.world.breaks("registered_io::flags::silent_requests_do_not_notify");
        }
    }

    fn spoil_destination(&self, flags: &mut SendAs<'_>) {
        let first = self.first_peer.get().or(flags.to);
        self.first_peer.set(first);
        if flags.to.is_some() && self.world.breaks("registered_io::addresses::a_send_names_its_destination") {
            flags.to = first;
        }
    }

    /// For a fault: send `late` leaves after the one that follows.
    fn send_late<B>(&self, late: u64, flags: SendAs<'_>, buffer: B, token: u64) -> Result<(), Refused<B>>
    where
        B: SendBuffer + 'static,
    {
        self.sends.set(self.sends.get() + 1);
        if self.sends.get() == late && (&buffer as &dyn Any).is::<BufferMut>() {
            let buffer: Box<dyn Any> = Box::new(buffer);
            let buffer = buffer.downcast::<BufferMut>().expect("a send of one slice");
            *self.held.borrow_mut() = Some((*buffer, flags.to, token));
            return Ok(());
        }
        let result = self.inner.send_with(buffer, flags.options(), token);
        if let Some((buffer, to, token)) = self.held.take() {
            let late = SendAs { to, ..SendAs::default() };
            self.inner.send_with(buffer, late.options(), token).unwrap();
        }
        result
    }

    /// What faults make of a refusal.
    fn spoil_refusal<B: 'static>(
        &self,
        result: Result<(), Refused<B>>,
        token: u64,
    ) -> Result<(), Refused<B>> {
        let Err(mut refused) = result else { return Ok(()) };
        let world = &self.world;
        if matches!(refused.error, PostError::NoDirection(_)) {
            world.note("refused", token);
        }
        if let Some(slice) = (&mut refused.buffer as &mut dyn Any).downcast_mut::<BufferMut>()
            && world.breaks("registered_io::posting::a_refused_request_gives_its_buffer_back")
        {
            slice.clear();
        }
        if let Some(chain) = (&mut refused.buffer as &mut dyn Any).downcast_mut::<Chain>() {
            if world.breaks("buffers::exhaustion::a_send_is_refused_with_its_data") {
                *chain = without_the_first(chain);
            }
            return Err(refused);
        }
        let swallowed = match &refused.error {
            PostError::LimitReached { what: "receives", .. } => match world.noted("waited") {
                0 => world.breaks("registered_io::posting::receives_are_limited"),
                _ => world.breaks("registered_io::pitfalls::quota_is_free_at_dequeue"),
            },
            PostError::LimitReached { .. } => match world.noted("deferred") {
                0 => world.breaks("registered_io::posting::sends_are_limited"),
                _ => world.breaks("registered_io::pitfalls::deferred_requests_hold_quota"),
            },
            PostError::SliceCount { .. } => {
                world.breaks("registered_io::posting::more_slices_than_stated_are_refused")
            }
            PostError::NoDestination => {
                world.breaks("registered_io::addresses::a_send_without_a_destination_is_refused")
            }
            PostError::Closed => {
                world.breaks("registered_io::completion_queues::a_closed_queue_takes_no_requests")
            }
            _ => false,
        };
        if swallowed { Ok(()) } else { Err(refused) }
    }
}

/// For faults: the same chain, but for its first buffer.
fn without_the_first(chain: &Chain) -> Chain {
    chain.buffers().iter().skip(1).cloned().collect()
}
