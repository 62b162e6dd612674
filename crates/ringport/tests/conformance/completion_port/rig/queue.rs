//! A completion queue on a port, with a socket, and the right to drain it.

use std::net::SocketAddr;

use ringport::queue::PortQueue;
use ringport::{PortRequestQueue, Ready};

use super::{Event, Port};
use crate::World;
use crate::rig::{Done, Pool, bound, drain, limits, plain, queue_on};

/// The key of the queue.
pub(in crate::completion_port) const KEY: u64 = 70;

/// See the module.
pub(in crate::completion_port) struct QueueScene {
    pub(in crate::completion_port) requests: PortRequestQueue,
    pub(in crate::completion_port) queue: PortQueue,
    pub(in crate::completion_port) port: Port,
    pool: Pool,
    address: SocketAddr,
    client: std::net::UdpSocket,
    world: World,
}

/// The right to drain a queue, or nothing where a fault has ended it.
pub(in crate::completion_port) struct Right(World, Option<Ready>, u64);

impl std::fmt::Debug for Right {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.1.fmt(formatter)
    }
}

impl QueueScene {
    /// With so many receives posted.
    pub(in crate::completion_port) fn new(world: &World, receives: u32) -> QueueScene {
        QueueScene::under(world, KEY, receives)
    }

    /// With a key of its own.
    pub(in crate::completion_port) fn under(world: &World, key: u64, receives: u32) -> QueueScene {
        let port = Port::new(world, 8);
        let queue = queue_on(world, &port.inner, receives as usize, key, 64);
        let socket = bound();
        let requests = PortRequestQueue::new(&socket, &queue, &queue, limits(receives, 0), 0).unwrap();
        let pool = Pool::new(world, 64, receives as usize).unwrap();
        for token in 0..u64::from(receives) {
            requests.receive(pool.take(), token).unwrap();
        }
        let address = socket.local_addr().unwrap();
        QueueScene { requests, queue, port, pool, address, client: plain(), world: world.clone() }
    }

    /// Has this arrive, and waits until so many receives have completed in all.
    pub(in crate::completion_port) fn arrive(&self, bytes: &[u8], completed: usize) {
        self.client.send_to(bytes, self.address).unwrap();
        let there = || (self.queue.completed() >= completed).then_some(());
        self.world.until("completions in the queue", there);
        // When it has answered, it is through with what it did before.
        self.requests.counters();
    }

    /// Takes the packet of the queue, which must be there.
    pub(in crate::completion_port) fn ready(&self) -> Right {
        match self.port.next() {
            Event::Ready(right) => right,
            other => panic!("no packet of a queue: {other:?}"),
        }
    }

    /// Slices that are out.
    pub(in crate::completion_port) fn used(&self) -> usize {
        self.pool.figures().used
    }
}

impl Right {
    pub(super) fn new(world: &World, ready: Ready) -> Right {
        let key = ready.key();
        Right(world.clone(), Some(ready), key)
    }

    pub(in crate::completion_port) fn key(&self) -> u64 {
        self.2
    }

    pub(in crate::completion_port) fn drain(&mut self) -> Vec<Done> {
        let Some(ready) = &mut self.1 else { return Vec::new() };
        let done = drain(&self.0, ready);
        if self.2 == 71 && self.0.breaks("completion_port::queues::the_right_is_exclusive_until_it_re_arms") {
            self.1 = None;
        }
        done
    }

    /// Re-arms, before what was drained is processed.
    pub(in crate::completion_port) fn notify_first(self) {
        if self.0.breaks("completion_port::queues::re_arming_first_lets_another_thread_work") {
            return self.0.clone().keep(self.1);
        }
        self.notify();
    }

    pub(in crate::completion_port) fn notify(self) {
        if let Some(ready) = self.1 {
            ready.notify();
        }
    }
}

/// What a program without a lock of its own does with what it drained: here, it appends the number.
pub(in crate::completion_port) fn record(world: &World, list: &mut Vec<u64>, number: u64) {
    if number == 50 && world.breaks("completion_port::queues::one_thread_at_a_time_keeps_the_order") {
        world.note("late", number);
        return;
    }
    list.push(number);
    let late = world.noted("late");
    if late > 0 {
        world.note("late", 0);
        list.push(late);
    }
}
