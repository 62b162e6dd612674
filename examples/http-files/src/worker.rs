//! A thread of the port: takes packets, and brings each to the connection it is for.

use std::time::Instant;

use ringport::{Completion, Completions, Operation, Packet, StreamSocket};

use crate::connection::Connection;
use crate::house::House;
use crate::table::{Slot, slot_of};

/// Packets of our own.
pub(crate) mod key {
    /// Look at the time.
    pub(crate) const TICK: u64 = 1;
    /// One thread ends.
    pub(crate) const EXIT: u64 = 2;
}

/// The context of accepts; no connection has this slot.
pub(crate) const DOOR: u64 = u64::MAX;

/// Completions taken at a time.
const BATCH: usize = 128;

/// See the module.
pub(crate) struct Worker<'house> {
    house: &'house House,
    /// Room for a path, kept from request to request.
    path: Vec<u8>,
}

impl<'house> Worker<'house> {
    pub(crate) fn new(house: &'house House) -> Worker<'house> {
        Worker { house, path: Vec::with_capacity(1024) }
    }

    /// Works until it is told to end.
    pub(crate) fn run(&mut self) {
        let mut completions = Completions::with_capacity(BATCH);
        loop {
            match self.house.port.wait(None) {
                Ok(Packet::Ready(mut ready)) => {
                    while ready.dequeue(&mut completions) > 0 {
                        completions.drain().for_each(|completion| self.take(completion));
                    }
                    ready.notify();
                }
                Ok(Packet::Operation(done)) => {
                    let house = self.house;
                    self.with(done.key(), |connection| connection.was_read(house, done));
                }
                Ok(Packet::Posted { key: key::TICK, .. }) => self.look_at_the_time(),
                // An exit key, or the port is closed.
                _ => return,
            }
        }
    }

    fn take(&mut self, completion: Completion) {
        match completion.operation() {
            Operation::Accept => self.welcome(completion),
            _ => self.with(completion.socket_context(), |connection| connection.completed(completion)),
        }
    }

    /// A connection came, or could not be taken.
    fn welcome(&mut self, completion: Completion) {
        let house = self.house;
        let number = completion.token() as u32;
        house.door.answered();
        let is_in = completion.into_stream().is_some_and(|socket| self.seat(&socket, number));
        if is_in {
            house.door.invite();
        } else {
            // Out of descriptors, most likely: to ask again at once would be to ask for ever. A connection that
            // goes, or a look at the time, invites again.
            house.door.free(number);
        }
    }

    /// Gives a connection its slot.
    fn seat(&mut self, socket: &StreamSocket, number: u32) -> bool {
        let house = self.house;
        let Some(mut slot) = house.table.slot(number) else { return false };
        if house.is_draining() {
            return false;
        }
        let Ok(mut connection) = Connection::new(house, socket, slot.id(number)) else { return false };
        house.counters.came();
        house.population.came();
        connection.advance(house, &mut self.path);
        slot.connection = Some(connection);
        self.leave(slot, number);
        true
    }

    /// Tells a connection something, and has it go on.
    fn with(&mut self, id: u64, tell: impl FnOnce(&mut Connection)) {
        let Some(mut slot) = self.house.table.find(id) else { return };
        if let Some(connection) = slot.connection.as_mut() {
            tell(connection);
            connection.advance(self.house, &mut self.path);
        }
        self.leave(slot, slot_of(id));
    }

    /// Frees the slot, if its connection is over.
    fn leave(&self, mut slot: impl std::ops::DerefMut<Target = Slot>, number: u32) {
        if slot.connection.as_ref().is_none_or(|connection| !connection.is_over()) {
            return;
        }
        slot.vacate();
        drop(slot);
        self.house.population.went();
        self.house.door.free(number);
        self.house.door.invite();
    }

    /// Ends what has taken too long.
    fn look_at_the_time(&mut self) {
        let (house, now) = (self.house, Instant::now());
        for number in 0..house.table.len() {
            // One that somebody is at has no need of it.
            let Some(mut slot) = house.table.idle_slot(number) else { continue };
            if let Some(connection) = slot.connection.as_mut() {
                connection.expire(house, now);
                connection.advance(house, &mut self.path);
                self.leave(slot, number);
            }
        }
        house.door.invite();
    }
}
