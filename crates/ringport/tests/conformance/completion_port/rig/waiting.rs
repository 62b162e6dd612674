//! Waiting for packets: one, or many.

use std::time::Duration;

use ringport::Packets;
use ringport::port::PortWaitError;

use super::worker::Serves;
use super::{Event, Port, Worker, spoil};

impl Port {
    pub(in crate::completion_port) fn wait(&self, time: Option<Duration>) -> Result<Event, PortWaitError> {
        let world = &self.world;
        if let Some(event) = spoil::instead_of_waiting(world) {
            return Ok(event);
        }
        if self.inner.counters().waiting >= 10
            && world.breaks("completion_port::creating::any_number_of_threads_may_wait")
        {
            return Err(PortWaitError::TimedOut);
        }
        self.step_back();
        let closed = world.noted("closed") > 0;
        loop {
            match self.inner_wait(self.rounded(time)) {
                Ok(packet) => {
                    if let Some(event) = spoil::event(self, Event::new(world, packet)) {
                        return Ok(event);
                    }
                }
                Err(PortWaitError::TimedOut) => {
                    world.note("timed out", 1);
                    return Err(PortWaitError::TimedOut);
                }
                Err(PortWaitError::Closed) if self.hides_the_end(closed) => {
                    return Err(PortWaitError::TimedOut);
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn inner_wait(&self, time: Option<Duration>) -> Result<ringport::Packet, PortWaitError> {
        if self.inner.concurrency() == 7
            && self.world.breaks("completion_port::membership::a_wait_on_another_port_moves_the_thread")
        {
            // Somebody else waits in its place.
            let port = self.inner.clone();
            return std::thread::spawn(move || port.wait(time)).join().unwrap();
        }
        self.inner.wait(time)
    }

    fn hides_the_end(&self, was_closed: bool) -> bool {
        self.world.breaks(match was_closed {
            true => "completion_port::waiting::a_closed_port_is_told_apart",
            false => "completion_port::closing::every_waiter_returns_closed",
        })
    }

    fn rounded(&self, time: Option<Duration>) -> Option<Duration> {
        match time {
            Some(time)
                if self.world.breaks("completion_port::waiting::short_times_are_not_rounded_to_zero") =>
            {
                Some(Duration::from_millis(time.as_millis() as u64))
            }
            time => time,
        }
    }

    /// For a fault: lets another thread have the next packet.
    fn step_back(&self) {
        let counters = self.inner.counters();
        if counters.queued > 0
            && counters.waiting > 0
            && self.world.breaks("completion_port::waiting::at_the_limit_the_running_thread_goes_on")
        {
            let taken = || (self.inner.counters().queued < counters.queued).then_some(());
            self.inner.blocking(|| self.world.until("another thread to take it", taken));
        }
    }

    /// At most so many packets.
    pub(in crate::completion_port) fn wait_many(
        &self,
        most: usize,
        time: Option<Duration>,
    ) -> Result<Vec<Event>, PortWaitError> {
        let world = &self.world;
        let most = if most > 4 && world.breaks("completion_port::waiting_for_many::as_many_come_as_fit") {
            1
        } else {
            most
        };
        if world.breaks("completion_port::waiting_for_many::at_least_one_comes") && most == 3 {
            return Ok(Vec::new());
        }
        let mut packets = Packets::with_capacity(most);
        match self.inner.wait_many(&mut packets, time) {
            Ok(_) => Ok(packets.drain().map(|packet| Event::new(world, packet)).collect()),
            Err(_) if world.breaks("completion_port::waiting_for_many::its_ends_are_told_apart") => {
                Err(PortWaitError::TimedOut)
            }
            Err(error) => Err(error),
        }
    }

    /// So many threads that wait, the first first.
    pub(in crate::completion_port) fn waiting_in_order(&self, count: usize) -> Vec<Worker> {
        let mut workers = Worker::several(self, count);
        if self.world.breaks("completion_port::waiting::threads_are_released_last_in_first_out") {
            workers.reverse();
        }
        workers
    }

    /// Key and value of the next packet, which was posted.
    pub(in crate::completion_port) fn posted(&self) -> (u64, u64) {
        Self::of_posted(self.next())
    }

    /// The next packet.
    pub(in crate::completion_port) fn next(&self) -> Event {
        self.wait(Some(self.world.patience())).expect("a packet")
    }

    /// Nothing is there, and nothing comes that a look would find.
    pub(in crate::completion_port) fn is_silent(&self) -> bool {
        matches!(self.wait(Some(Duration::from_micros(200))), Err(PortWaitError::TimedOut))
    }

    fn of_posted(event: Event) -> (u64, u64) {
        match event {
            Event::Posted(key, value) => (key, value),
            other => panic!("not posted: {other:?}"),
        }
    }
}

impl Serves for Port {
    type Packet = Event;

    fn wait(&self, time: Option<Duration>) -> Result<Event, PortWaitError> {
        Port::wait(self, time)
    }

    fn waiting(&self) -> usize {
        self.inner.counters().waiting
    }

    fn patience(&self) -> Duration {
        self.world.patience()
    }

    fn until<T>(&self, what: &str, look: impl FnMut() -> Option<T>) -> T {
        self.world.until(what, look)
    }

    fn posted(packet: Event) -> (u64, u64) {
        Port::of_posted(packet)
    }
}
