//! Notification by an event: arm, wait, dequeue.
//!
//! ```text
//!              notify                     a completion that notifies is there
//!   disarmed ──────────► armed ───────────────────────────────────────────────► fired = disarmed
//!                          │  ▲
//!                          └──┘ a completion posted with DONT_NOTIFY, a wake-up, a signal
//! ```
//!
//! Whether a completion is there is looked up after arming and before sleeping, by the same thread, and the
//! kernel ends a sleep that starts when one is there already. So no wake-up can be lost.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::completion_queue::{CompletionQueue, Event};
use super::core::Core;
use super::error::{AlreadyArmed, QueueError, WaitError};
use super::signals::Waker;
use crate::backend::sys::event::{BorrowedEvent, OwnedEvent, lend};
use crate::backend::{self, EventDescriptor};

/// How a wait ended.
///
/// ```
/// use ringport::{CompletionQueue, WaitOutcome};
/// use std::time::Duration;
///
/// let mut queue = CompletionQueue::builder(16).event()?;
/// queue.notify()?;
/// assert_eq!(queue.wait(Some(Duration::from_micros(100)))?, WaitOutcome::TimedOut);
/// assert!(queue.notify().is_err()); // it is still armed
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitOutcome {
    /// The armed notification fired: at least one result can be dequeued. The queue is disarmed.
    Fired,
    /// The time was over first. The queue stays armed.
    TimedOut,
    /// A [`Waker`] ended the wait. The queue stays armed.
    Woken,
}

impl CompletionQueue<Event> {
    /// Arms one notification (`RIONotify`).
    ///
    /// It fires at once when something that notifies is queued already, otherwise at the next completion.
    /// It costs no system call, unless the event's descriptor is in use.
    ///
    /// # Errors
    /// [`AlreadyArmed`] when the last one has not fired yet; nothing changes.
    pub fn notify(&mut self) -> Result<(), AlreadyArmed> {
        let core = &mut *self.shared().borrow_mut();
        if core.armed {
            return Err(AlreadyArmed);
        }
        core.prepare();
        core.armed = true;
        if core.event.is_some() {
            core.arm_event();
        }
        Ok(())
    }

    /// Whether a notification is armed and has not fired.
    pub fn is_armed(&self) -> bool {
        self.shared().borrow().armed
    }

    /// Sleeps until the armed notification fires, the time is over, or a [`Waker`] ends it. Costs one
    /// system call when it sleeps. Times shorter than a millisecond are kept, never rounded to zero.
    ///
    /// # Errors
    /// [`WaitError::NotArmed`] when there is nothing to wait for, [`WaitError::Failed`] when the backend
    /// failed for good.
    pub fn wait(&mut self, time: Option<Duration>) -> Result<WaitOutcome, WaitError> {
        let core = &mut *self.shared().borrow_mut();
        if !core.armed {
            return Err(WaitError::NotArmed);
        }
        let deadline = time.and_then(|time| Instant::now().checked_add(time));
        let mut gather = core.next_gathering(backend::thread_time);
        let mut slept = false;
        loop {
            core.prepare();
            // While it pays to gather, what is there already waits for its company, within the bound.
            if (gather.is_zero() || core.notifiable_in_user_space()) && core.notifiable() {
                core.fire();
                return Ok(WaitOutcome::Fired);
            }
            if core.signals.take_woken() {
                return Ok(WaitOutcome::Woken);
            }
            if core.signals.pending() {
                // It came after `prepare`, and looking may have taken the event that was to end the sleep.
                continue;
            }
            if let Some(fault) = core.backend.fault() {
                return Err(WaitError::Failed(io::Error::from_raw_os_error(fault)));
            }
            if !core.sleep(deadline, gather).map_err(WaitError::Failed)? {
                // However short the time, what is there is seen.
                if !slept && core.notifiable_now().map_err(WaitError::Failed)? {
                    core.fire();
                    return Ok(WaitOutcome::Fired);
                }
                return Ok(WaitOutcome::TimedOut);
            }
            slept = true;
            gather = Duration::ZERO;
        }
    }

    /// The event as a descriptor, to be watched for readability by any poll loop.
    ///
    /// Readable means: look, by calling [`take_notification`](CompletionQueue::take_notification). The
    /// kernel cannot know which receives were posted with `DONT_NOTIFY`, so it may become readable for
    /// one of them; the look then says no. It stays readable until
    /// [`reset`](CompletionQueue::reset), or the next notify when that resets.
    ///
    /// # Errors
    /// [`QueueError::System`] when there is no descriptor left.
    pub fn event(&mut self) -> Result<BorrowedEvent<'_>, QueueError> {
        if self.descriptor.get().is_none() {
            let opened = self.shared().borrow_mut().open_event();
            let opened = opened.map_err(|source| QueueError::System { what: "opening the event", source })?;
            let _ = self.descriptor.set(opened);
        }
        self.descriptor.get().map(lend).ok_or(QueueError::Closed)
    }

    /// Whether the armed notification fired. If not, it stays armed, and the descriptor is not readable
    /// until there is a new reason.
    pub fn take_notification(&mut self) -> bool {
        let core = &mut *self.shared().borrow_mut();
        if !core.armed {
            return false;
        }
        core.prepare();
        // A failure has set the backend's fault, which the next wait reports.
        if core.notifiable_now().unwrap_or(false) {
            core.fire();
            return true;
        }
        if core.event.is_some() {
            core.reset_event();
            core.arm_event();
        }
        false
    }

    /// Resets the event: needed between notifications when the queue was made with
    /// [`notify_reset(false)`](super::CompletionQueueBuilder::notify_reset).
    pub fn reset(&mut self) {
        self.shared().borrow_mut().reset_event();
    }

    /// Makes a handle by which any thread can end this queue's wait.
    ///
    /// # Errors
    /// [`QueueError::System`] when the backend cannot watch it.
    pub fn waker(&mut self) -> Result<Waker, QueueError> {
        let core = &mut *self.shared().borrow_mut();
        core.watch_wake().map_err(|source| QueueError::System { what: "watching for wake-ups", source })?;
        Ok(Waker { signals: Arc::clone(&core.signals) })
    }
}

impl Core {
    /// The armed notification fires.
    fn fire(&mut self) {
        self.armed = false;
        if self.event.is_some() {
            self.signals.listen(false);
            // The event stays signalled until it is reset, whatever is dequeued in between.
            self.tell_event();
            let _ = self.backend.arm_descriptor(false);
        }
    }

    /// Lets other threads end a sleep of this queue.
    pub(super) fn watch_wake(&mut self) -> io::Result<()> {
        if !self.wake_watched {
            let signals = Arc::clone(&self.signals);
            self.backend.watch_wake(signals.event())?;
            self.wake_watched = true;
        }
        Ok(())
    }

    /// Makes the event, tells the backend of it, and gives the descriptor to watch.
    fn open_event(&mut self) -> io::Result<OwnedEvent> {
        self.watch_wake()?;
        let event = Arc::new(EventDescriptor::new()?);
        let descriptor = match self.backend.descriptor(&event)? {
            Some(descriptor) => descriptor,
            None => event.share()?,
        };
        self.signals.set_listener(Arc::clone(&event));
        self.event = Some(event);
        if self.armed {
            self.arm_event();
        }
        Ok(descriptor)
    }

    /// Resets the event if notify is to do so, arms it, and signals it when something is there already.
    fn arm_event(&mut self) {
        if self.notify_reset {
            self.reset_event();
        }
        let armed = self.backend.arm_descriptor(true);
        self.signals.listen(true);
        if armed.is_err() || self.signals.pending() || self.notifiable() {
            return self.tell_event();
        }
        // Whoever watches the event does not sleep here, so the pools are told here whom to wake.
        if !self.backend.dry().is_empty() && !self.wait_for_pools() {
            self.tell_event();
        }
    }

    fn reset_event(&mut self) {
        if let Some(event) = self.event.as_ref() {
            // Draining fails only when nothing is there to drain.
            let _ = event.drain();
        }
    }
}
