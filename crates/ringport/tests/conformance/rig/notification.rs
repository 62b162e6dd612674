//! The notifications of a completion queue with an event: a sleep, or a descriptor in a poll loop.

use std::time::Duration;

use ringport::queue::{AlreadyArmed, Event, WaitError};
use ringport::{CompletionQueue, WaitOutcome};

use super::Queue;
use super::queue::Kind;
use crate::system::signalled;

const ONE: &str = "registered_io::notification::it_fires_at_the_next_completion";
const AT_ONCE: &str = "registered_io::pitfalls::arming_a_queue_with_results_fires_at_once";

impl Queue {
    fn with_event(&mut self) -> &mut CompletionQueue<Event> {
        match &mut self.inner {
            Kind::Event(queue) => queue,
            Kind::Polled(_) => panic!("a polled queue has no notification"),
        }
    }

    pub(crate) fn notify(&mut self) -> Result<(), AlreadyArmed> {
        let world = self.world.clone();
        let result = self.with_event().notify();
        if result.is_ok() && (world.breaks(ONE) || world.breaks(AT_ONCE)) {
            self.note_what_is_there();
        }
        match result {
            Err(AlreadyArmed) if world.breaks("registered_io::pitfalls::arming_twice_is_refused") => Ok(()),
            result => result,
        }
    }

    /// For faults: whether the queue that was just armed will fire at once.
    fn note_what_is_there(&mut self) {
        let queue = self.with_event();
        let fires = queue.wait(Some(Duration::ZERO)).unwrap() == WaitOutcome::Fired;
        if fires {
            queue.notify().unwrap();
        }
        self.world.note("armed with results", u64::from(fires));
    }

    pub(crate) fn wait(&mut self, time: Option<Duration>) -> Result<WaitOutcome, WaitError> {
        let world = self.world.clone();
        let short = time.is_some_and(|time| (2..1000).contains(&time.as_millis()));
        if short && world.breaks("buffers::exhaustion::no_timer_runs_meanwhile") {
            (0..10).for_each(|_| _ = self.with_event().wait(Some(Duration::from_millis(1))));
        }
        match self.with_event().wait(time) {
            Ok(WaitOutcome::Fired) => {
                let alone = world.noted("receives") == 1;
                let lost = match world.noted("armed with results") {
                    0 => world.breaks(ONE) && alone,
                    _ => world.breaks(AT_ONCE) && alone,
                };
                let rare = world.breaks("registered_io::pitfalls::no_wake_up_is_lost")
                    && world.count("fired", 1) == 100;
                Ok(if lost || rare { WaitOutcome::TimedOut } else { WaitOutcome::Fired })
            }
            Ok(WaitOutcome::TimedOut)
                if world.noted("silent") == 0
                    && world.noted("starved") == 0
                    && world.breaks("registered_io::pitfalls::a_notification_brings_a_result") =>
            {
                Ok(WaitOutcome::Fired)
            }
            Err(WaitError::NotArmed)
                if world.breaks("registered_io::notification::each_arming_notifies_once") =>
            {
                Ok(WaitOutcome::Fired)
            }
            result => result,
        }
    }

    pub(crate) fn is_armed(&mut self) -> bool {
        self.with_event().is_armed()
    }

    /// Whether a poll loop would be told now.
    pub(crate) fn readable(&mut self) -> bool {
        signalled(&self.with_event().event().unwrap(), Duration::ZERO)
    }

    /// What a poll loop asks when it was told.
    pub(crate) fn take_notification(&mut self) -> bool {
        self.with_event().take_notification()
    }

    pub(crate) fn reset(&mut self) {
        self.with_event().reset();
    }
}
