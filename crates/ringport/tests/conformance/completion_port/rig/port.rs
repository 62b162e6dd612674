//! A port: making it, posting to it, its scopes, its figures, and its end.

use std::time::Duration;

use ringport::CompletionPort;
use ringport::port::{Monitor, PacketRefused, PortCounters};
use ringport::queue::HeldRight;

use crate::World;

/// See the module. The first handle closes the port, so that no thread of a row that failed waits for ever.
pub(in crate::completion_port) struct Port {
    pub(super) world: World,
    pub(super) inner: CompletionPort,
    first: bool,
}

impl Clone for Port {
    fn clone(&self) -> Port {
        Port { world: self.world.clone(), inner: self.inner.clone(), first: false }
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        if self.first {
            self.inner.close();
        }
    }
}

impl Port {
    /// A port whose threads may sleep on a row's behalf without being found out.
    pub(in crate::completion_port) fn new(world: &World, concurrency: usize) -> Port {
        Port::with(world, concurrency, 1 << 20, Monitor::Off)
    }

    /// One that holds so many packets at most.
    pub(in crate::completion_port) fn holding(world: &World, packets: usize) -> Port {
        Port::with(world, 1, packets, Monitor::Off)
    }

    /// One that looks often whether its threads sleep.
    pub(in crate::completion_port) fn watched(world: &World, concurrency: usize) -> Port {
        let often = Monitor::Every(Duration::from_millis(1));
        let off = world.breaks("completion_port::blocking::a_thread_that_blocks_is_noticed");
        Port::with(world, concurrency, 1 << 20, if off { Monitor::Off } else { often })
    }

    fn with(world: &World, concurrency: usize, packets: usize, monitor: Monitor) -> Port {
        let concurrency = match concurrency {
            3 if world.breaks("completion_port::creating::no_more_threads_run_than_the_limit") => 4,
            6 if world.breaks("completion_port::order::packets_of_one_handle_may_overtake") => 1,
            0 if world.breaks("completion_port::creating::a_limit_of_zero_is_the_processors") => 1000,
            threads => threads,
        };
        let builder = CompletionPort::builder().concurrency(concurrency).queue_limit(packets);
        let inner = builder.monitor(monitor).backend(world.backend.choice).build().unwrap();
        Port { world: world.clone(), inner, first: true }
    }

    pub(in crate::completion_port) fn concurrency(&self) -> usize {
        self.inner.concurrency()
    }

    pub(in crate::completion_port) fn post(&self, key: u64, value: u64) -> Result<(), PacketRefused> {
        let world = &self.world;
        let mut value = value;
        if key == u64::MAX && world.breaks("completion_port::posting::a_packet_is_delivered_as_it_was_posted")
        {
            value ^= 1;
        }
        if key == 2
            && std::thread::current().name() != Some("row")
            && world.breaks("completion_port::posting::any_thread_may_post")
        {
            return Ok(());
        }
        if key == 21 && world.breaks("completion_port::posting::a_post_wakes_one_waiter") {
            self.inner.post(key, value)?;
        }
        if key == 99
            && world.count("exits", 1) == 3
            && world.breaks("completion_port::posting::an_exit_key_stops_every_thread")
        {
            return Ok(());
        }
        if world.noted("timed out") > 0 && world.breaks("completion_port::waiting::a_time_out_takes_nothing")
        {
            world.note("timed out", 0);
            return Ok(());
        }
        if key == 31 && world.breaks("completion_port::membership::a_thread_belongs_from_its_first_wait") {
            _ = self.inner.wait(Some(Duration::ZERO));
        }
        match self.inner.post(key, value) {
            Err(PacketRefused::Closed)
                if world.breaks("completion_port::posting::a_closed_port_refuses_packets") =>
            {
                Ok(())
            }
            Err(PacketRefused::Full { .. })
                if world.breaks("completion_port::posting::a_full_queue_refuses_packets") =>
            {
                Ok(())
            }
            result => result,
        }
    }

    /// Runs what may block.
    pub(in crate::completion_port) fn blocking<R>(&self, run: impl FnOnce() -> R) -> R {
        if self.inner.concurrency() == 2
            && self.world.breaks("completion_port::blocking::a_declared_scope_hands_the_place_on")
        {
            return run();
        }
        self.inner.blocking(run)
    }

    pub(in crate::completion_port) fn counters(&self) -> PortCounters {
        let world = &self.world;
        let mut counters = self.inner.counters();
        if world.breaks("completion_port::blocking::one_that_returns_exceeds_the_limit") {
            counters.running = counters.running.min(counters.concurrency);
        }
        if world.breaks("completion_port::closing::what_nobody_took_is_dropped_and_counted") {
            counters.dropped = 0;
        }
        let most = world.noted("threads").max(counters.threads as u64);
        world.note("threads", most);
        if counters.concurrency == 1
            && world.breaks("completion_port::membership::a_thread_belongs_until_it_ends")
        {
            counters.threads = most as usize;
        }
        counters
    }

    pub(in crate::completion_port) fn held_rights(&self) -> Vec<HeldRight> {
        let mut rights = self.inner.held_rights();
        for right in &mut rights {
            if self.world.breaks("completion_port::queues::a_right_that_is_held_is_told") {
                right.key = 0;
            }
            if self.world.breaks("completion_port::queues::a_right_of_a_blocked_thread_is_told_as_blocked") {
                right.blocked = false;
            }
        }
        rights
    }

    pub(in crate::completion_port) fn close(&self) {
        self.world.note("closed", 1);
        if self.world.noted("operations") > 0
            && self.world.breaks("completion_port::closing::what_is_outstanding_is_cancelled")
        {
            return;
        }
        self.inner.close();
    }
}
