//! A completion queue, polled or with an event.

use std::time::Duration;

use ringport::queue::{AlreadyArmed, Event, Polled, QueueError, WaitError};
use ringport::{CompletionQueue, Completions, Status, WaitOutcome};

use super::Done;
use crate::World;

/// See the module.
pub(crate) struct Queue {
    pub(super) world: World,
    pub(super) inner: Kind,
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
        Ok(Queue { world: world.clone(), inner: Kind::Polled(inner) })
    }

    pub(crate) fn event(world: &World, size: usize) -> Result<Queue, QueueError> {
        let size = match size {
            0 if world.breaks("registered_io::completion_queues::sizes_out_of_range_are_refused") => 1,
            size => size,
        };
        let inner = CompletionQueue::builder(size).backend(world.backend.choice).event()?;
        Ok(Queue { world: world.clone(), inner: Kind::Event(inner) })
    }

    /// At most so many completions.
    pub(crate) fn dequeue(&mut self, most: usize) -> Vec<Done> {
        let mut batch = Completions::with_capacity(most);
        either!(&mut self.inner, queue => queue.dequeue(&mut batch));
        let mut done: Vec<Done> = batch.drain().map(Done::from).collect();
        self.spoil(&mut done);
        done
    }

    /// What faults make of completions on their way out.
    fn spoil(&self, done: &mut [Done]) {
        let world = &self.world;
        if world.breaks("registered_io::dequeue::results_come_in_the_order_they_completed") {
            let other = done.windows(2).position(|pair| pair[0].context != pair[1].context);
            other.into_iter().for_each(|place| done.swap(place, place + 1));
        }
        if world.breaks("registered_io::pitfalls::cut_datagrams_say_so") {
            let cut = done.iter_mut().filter(|done| done.status == Status::Truncated);
            cut.for_each(|done| done.status = Status::Success);
        }
    }

    pub(crate) fn notify(&mut self) -> Result<(), AlreadyArmed> {
        let Kind::Event(queue) = &mut self.inner else { panic!("a polled queue has no notification") };
        match queue.notify() {
            Err(AlreadyArmed) if self.world.breaks("registered_io::pitfalls::arming_twice_is_refused") => {
                Ok(())
            }
            result => result,
        }
    }

    pub(crate) fn wait(&mut self, time: Option<Duration>) -> Result<WaitOutcome, WaitError> {
        let Kind::Event(queue) = &mut self.inner else { panic!("a polled queue has no notification") };
        queue.wait(time)
    }

    pub(crate) fn size(&self) -> usize {
        either!(&self.inner, queue => queue.size())
    }

    pub(crate) fn reserved(&self) -> usize {
        either!(&self.inner, queue => queue.reserved())
    }

    pub(crate) fn resize(&mut self, size: usize) -> Result<(), QueueError> {
        either!(&mut self.inner, queue => queue.resize(size))
    }

    pub(crate) fn system_calls(&self) -> u64 {
        either!(&self.inner, queue => queue.system_calls())
    }

    pub(crate) fn close(self) {
        either!(self.inner, queue => queue.close());
    }
}
