//! A completion queue, polled or with an event.

use ringport::queue::{Event, Polled, QueueError};
use ringport::{CompletionQueue, Completions};

use super::{Done, spoil, spoil_streams};
use crate::World;

/// See the module.
pub(crate) struct Queue {
    pub(super) world: World,
    pub(super) inner: Kind,
    pub(super) dequeued: u64,
}

pub(super) enum Kind {
    Polled(CompletionQueue<Polled>),
    Event(CompletionQueue<Event>),
}

/// Does the same with either kind.
macro_rules! either {
    ($queue:expr, $inner:ident => $what:expr) => {
        match $queue {
            Kind::Polled($inner) => $what,
            Kind::Event($inner) => $what,
        }
    };
}

impl Queue {
    pub(crate) fn polled(world: &World, size: usize) -> Result<Queue, QueueError> {
        let inner = CompletionQueue::builder(size).backend(world.backend.choice).polled()?;
        Ok(Queue { world: world.clone(), inner: Kind::Polled(inner), dequeued: 0 })
    }

    pub(crate) fn event(world: &World, size: usize) -> Result<Queue, QueueError> {
        Queue::event_with(world, size, true)
    }

    /// `reset`: whether to arm the queue resets its event.
    pub(crate) fn event_with(world: &World, size: usize, reset: bool) -> Result<Queue, QueueError> {
        let size = match size {
            0 if world.breaks("registered_io::completion_queues::sizes_out_of_range_are_refused") => 1,
            size => size,
        };
        let reset = match reset {
            true => !world.breaks("registered_io::completion_queues::arming_resets_the_event"),
            false => world.breaks("registered_io::completion_queues::without_reset_the_event_stays_set"),
        };
        let builder = CompletionQueue::builder(size).backend(world.backend.choice).notify_reset(reset);
        Ok(Queue { world: world.clone(), inner: Kind::Event(builder.event()?), dequeued: 0 })
    }

    /// At most so many completions.
    pub(crate) fn dequeue(&mut self, most: usize) -> Vec<Done> {
        let few =
            (2..8).contains(&most) && self.world.breaks("registered_io::dequeue::no_more_than_asked_for");
        let mut batch = Completions::with_capacity(if few { most + 1 } else { most });
        either!(&mut self.inner, queue => queue.dequeue(&mut batch));
        let mut done: Vec<Done> = batch.drain().map(Done::from).collect();
        self.dequeued += done.len() as u64;
        spoil::completions(&self.world, &mut done);
        spoil_streams::completions(&self.world, &mut done);
        done
    }

    /// Drops what is there, and tells how much it was.
    pub(crate) fn discard(&mut self, most: usize) -> usize {
        let mut batch = Completions::with_capacity(most);
        either!(&mut self.inner, queue => queue.dequeue(&mut batch))
    }

    pub(crate) fn size(&self) -> usize {
        either!(&self.inner, queue => queue.size())
    }

    pub(crate) fn reserved(&self) -> usize {
        either!(&self.inner, queue => queue.reserved())
    }

    pub(crate) fn resize(&mut self, size: usize) -> Result<(), QueueError> {
        if self.world.breaks("registered_io::completion_queues::resizing_carries_completions_over") {
            self.dequeue(1);
        }
        match either!(&mut self.inner, queue => queue.resize(size)) {
            Err(QueueError::InUse { .. })
                if self.world.breaks(
                    "registered_io::completion_queues::resizing_below_what_is_reserved_is_refused",
                ) =>
            {
                Ok(())
            }
            Err(QueueError::InvalidSize { .. })
                if self
                    .world
                    .breaks("registered_io::completion_queues::resizing_out_of_range_is_refused") =>
            {
                Ok(())
            }
            result => result,
        }
    }

    pub(crate) fn system_calls(&self) -> u64 {
        let one_each = self.world.breaks("registered_io::dequeue::a_batch_costs_no_call_for_each_result");
        let more = if one_each { self.dequeued } else { 0 };
        more + either!(&self.inner, queue => queue.system_calls())
    }

    pub(crate) fn close(mut self) {
        if self.world.breaks("registered_io::completion_queues::closing_gives_the_memory_back") {
            let left = self.dequeue(256);
            self.world.keep(left);
        }
        either!(self.inner, queue => queue.close());
    }

    /// Lets go of it without a word, as programs do.
    pub(crate) fn abandon(mut self) {
        if self.world.breaks("registered_io::pitfalls::dropping_in_any_order_is_safe") {
            let left = self.dequeue(256);
            self.world.keep(left);
        }
    }
}
