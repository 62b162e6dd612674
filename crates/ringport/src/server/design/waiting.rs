//! Three ways to wait for completions, for the one loop of the registered designs.
//!
//! ```text
//!   polled         dequeue ─► nothing? ─► at once again
//!   event          notify ─► wait ─► dequeue
//!   event-polled   dequeue ─► nothing? ─► notify ─► wait
//! ```

use std::time::{Duration, Instant};

use super::TICK;
use crate::queue::{
    CompletionQueue, CompletionQueueBuilder, Event, Polled, QueueError, WaitError, WaitOutcome, Waker,
};

/// How long a thread naps while the last replies leave.
const NAP: Duration = Duration::from_millis(5);
/// A spinning thread looks at the clock once in so many turns.
const TURNS: u32 = 1 << 16;

/// What happened while waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) enum Pause {
    /// There was no pause, or it was ended early: look again.
    Over,
    /// A notification fired.
    Notified,
    /// About a second went by and nothing came.
    Idle,
}

/// A way to wait.
pub(in crate::server) trait Waiting: Default {
    /// The kind of its completion queue.
    type Kind;

    /// Makes its queue.
    fn open(builder: CompletionQueueBuilder) -> Result<CompletionQueue<Self::Kind>, QueueError>;

    /// What ends its wait, if it waits.
    fn waker(queue: &mut CompletionQueue<Self::Kind>) -> Result<Option<Waker>, QueueError>;

    /// Before each dequeue. With `ticks`, no pause is longer than about a second.
    fn before(&mut self, queue: &mut CompletionQueue<Self::Kind>, ticks: bool) -> Result<Pause, WaitError>;

    /// After a dequeue that brought nothing.
    fn after_nothing(
        &mut self,
        queue: &mut CompletionQueue<Self::Kind>,
        ticks: bool,
    ) -> Result<Pause, WaitError>;

    /// A short rest at the end of the server, while sends are under way.
    fn nap(queue: &mut CompletionQueue<Self::Kind>);
}

/// Never sleeps.
#[derive(Debug, Default)]
pub(in crate::server) struct Spin {
    turns: u32,
    idle_since: Option<Instant>,
}

impl Waiting for Spin {
    type Kind = Polled;

    fn open(builder: CompletionQueueBuilder) -> Result<CompletionQueue<Polled>, QueueError> {
        builder.polled()
    }

    fn waker(_queue: &mut CompletionQueue<Polled>) -> Result<Option<Waker>, QueueError> {
        Ok(None)
    }

    #[inline]
    fn before(&mut self, _queue: &mut CompletionQueue<Polled>, _ticks: bool) -> Result<Pause, WaitError> {
        Ok(Pause::Over)
    }

    #[inline]
    fn after_nothing(
        &mut self,
        _queue: &mut CompletionQueue<Polled>,
        _ticks: bool,
    ) -> Result<Pause, WaitError> {
        std::hint::spin_loop();
        self.turns = self.turns.wrapping_add(1);
        if !self.turns.is_multiple_of(TURNS) {
            return Ok(Pause::Over);
        }
        let now = Instant::now();
        let since = *self.idle_since.get_or_insert(now);
        if now.duration_since(since) < TICK {
            return Ok(Pause::Over);
        }
        self.idle_since = Some(now);
        Ok(Pause::Idle)
    }

    fn nap(_queue: &mut CompletionQueue<Polled>) {
        std::thread::yield_now();
    }
}

/// Always sleeps before it dequeues.
pub(in crate::server) type Sleep = Sleeper<false>;

/// Sleeps only when there was nothing to dequeue.
pub(in crate::server) type SleepWhenEmpty = Sleeper<true>;

/// Sleeps until a notification.
#[derive(Debug, Default)]
pub(in crate::server) struct Sleeper<const LOOKS_FIRST: bool>;

impl<const LOOKS_FIRST: bool> Waiting for Sleeper<LOOKS_FIRST> {
    type Kind = Event;

    fn open(builder: CompletionQueueBuilder) -> Result<CompletionQueue<Event>, QueueError> {
        builder.event()
    }

    fn waker(queue: &mut CompletionQueue<Event>) -> Result<Option<Waker>, QueueError> {
        queue.waker().map(Some)
    }

    #[inline]
    fn before(&mut self, queue: &mut CompletionQueue<Event>, ticks: bool) -> Result<Pause, WaitError> {
        if LOOKS_FIRST { Ok(Pause::Over) } else { notify_and_wait(queue, ticks.then_some(TICK)) }
    }

    #[inline]
    fn after_nothing(&mut self, queue: &mut CompletionQueue<Event>, ticks: bool) -> Result<Pause, WaitError> {
        if LOOKS_FIRST { notify_and_wait(queue, ticks.then_some(TICK)) } else { Ok(Pause::Over) }
    }

    fn nap(queue: &mut CompletionQueue<Event>) {
        // Should it fail, the next dequeue brings nothing, and the patience of the caller ends.
        let _ = notify_and_wait(queue, Some(NAP));
    }
}

fn notify_and_wait(queue: &mut CompletionQueue<Event>, most: Option<Duration>) -> Result<Pause, WaitError> {
    // It is armed already when the last wait ended without a completion.
    let _ = queue.notify();
    Ok(match queue.wait(most)? {
        WaitOutcome::Fired => Pause::Notified,
        WaitOutcome::TimedOut => Pause::Idle,
        WaitOutcome::Woken => Pause::Over,
    })
}
