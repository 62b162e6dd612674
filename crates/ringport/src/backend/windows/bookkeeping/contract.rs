//! What the queue room asks of these backends.

use std::io;
use std::time::Duration;

use super::destination;
use super::socket::{Socket, room_of};
use super::stream_in::has_peer;
use super::{AROUND, TURN, UNMADE, Windows};
use crate::backend::BackendKind;
use crate::backend::contract::{
    AttachError, Attachment, Completion, Contract, Effort, Partner, Segmentation, Table,
};
use crate::backend::sys::clock;
use crate::backend::sys::event::{EventDescriptor, OwnedEvent};
use crate::backend::windows::carrier::{Carrier, Look};
use crate::net::gso_supported;

/// Slices that one operation is ever given, beside those of chains.
const PARTS: usize = 64;

impl<C: Carrier> Contract for Windows<C> {
    fn kind(&self) -> BackendKind {
        self.carrier.kind()
    }

    fn lookahead(&self) -> usize {
        64
    }

    fn completions(&self) -> Option<isize> {
        self.carrier.completions()
    }

    fn pair(&mut self, partner: Option<Partner>) {
        self.carrier.pair(partner);
    }

    fn attach(&mut self, key: u32, attachment: &mut Attachment) -> Result<(), AttachError> {
        let room = room_of(attachment);
        let means = self.carrier.attach(key, &attachment.socket, room)?;
        let cuts = attachment.socket.is_datagram() && means.cuts && gso_supported();
        if let Some(side) = attachment.send.as_mut().filter(|_| !cuts) {
            side.segmentation = Segmentation::NONE;
        }
        if self.sockets.len() <= key as usize {
            self.sockets.resize_with(key as usize + 1, || None);
            let sockets = self.sockets.len();
            self.turns.make_room(sockets);
            self.dry.reserve(sockets.saturating_sub(self.dry.len()));
            self.unmade.reserve(sockets.saturating_sub(self.unmade.len()));
        }
        let operations = usize::from(means.receives) + usize::from(means.sends);
        self.ended.reserve(operations);
        let slices = room.receive_buffers.max(room.send_buffers) as usize;
        self.parts.make_room(slices.max(PARTS));
        if let Some(place) = self.sockets.get_mut(key as usize) {
            let is_v6 = attachment.socket.is_datagram() && destination::is_v6(&attachment.socket);
            let was_connected = has_peer(attachment);
            *place = Some(Socket { is_v6, was_connected, ..Socket::new(means, room, cuts) });
        }
        self.publish(key, attachment).map_err(AttachError::System)
    }

    fn publish(&mut self, key: u32, attachment: &mut Attachment) -> io::Result<()> {
        let room = room_of(attachment);
        let Windows { carrier, sockets, .. } = self;
        let Some(socket) = sockets.get_mut(key as usize).and_then(Option::as_mut) else { return Ok(()) };
        if socket.room != room {
            socket.room = room;
            socket.means = carrier.grow(key, room)?;
            socket.receives.grow_to(socket.means.receives);
            socket.sends.grow_to(socket.means.sends);
            let slices = room.receive_buffers.max(room.send_buffers) as usize;
            self.parts.make_room(slices.max(PARTS));
        }
        self.publish_any(key, attachment);
        Ok(())
    }

    fn flush(&mut self, key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>) {
        self.flush_any(key, attachment, out);
    }

    fn reap(&mut self, table: &mut Table, out: &mut Vec<Completion>, max: usize, effort: Effort) -> usize {
        let before = out.len();
        let limit = before.saturating_add(max);
        // A failure has set the fault, which the next wait reports.
        let _ = self.look(Look::Memory);
        if effort != Effort::Kernel {
            let most = match effort {
                // The rest waits until somebody asks, lest whoever sends in every turn hears of one socket only.
                Effort::Memory => TURN.saturating_sub(self.brought),
                // Who asks whether there is something is told: a sleep does not begin before all is taken.
                Effort::Known | Effort::Kernel => max,
            };
            self.drain(table, out, limit.min(before.saturating_add(most)));
            return out.len() - before;
        }
        self.drain(table, out, limit);
        if out.len() == before {
            self.try_unmade(table);
        }
        // Of those that always have something, too, the others are heard now and then.
        while out.len() < limit && out.len() == before || self.brought >= AROUND {
            let had = self.ended.len();
            // As above.
            let looked = self.look(Look::Now);
            let brought = self.ended.len() - had;
            self.drain(table, out, limit);
            if looked.is_err() || brought < AROUND {
                break;
            }
        }
        out.len() - before
    }

    fn wait(&mut self, table: &mut Table, time: Option<Duration>, gather: Duration) -> io::Result<()> {
        if !self.ended.is_empty() || !self.spilled.is_empty() || !self.turns.is_empty() {
            // Nothing would end the sleep. The kernel is asked, so that the others are heard, and what is left of these is
            // let through.
            return self.look(Look::Now);
        }
        if !gather.is_zero() {
            *self.carrier.calls() += 1;
            clock::sleep(gather)?;
            return self.look(Look::Now);
        }
        let soon = Some(UNMADE).filter(|_| !self.unmade.is_empty());
        let time = match (time, soon) {
            (Some(time), Some(soon)) => Some(time.min(soon)),
            (time, soon) => time.or(soon),
        };
        let looked = self.look(Look::Wait(time));
        self.try_unmade(table);
        looked
    }

    fn quiesce(&mut self, key: u32, table: &mut Table, out: &mut Vec<Completion>) -> io::Result<()> {
        let ended = self.end(key, table, out);
        // What is posted later may need no slice of the pool.
        self.dry.retain(|dry| *dry != key);
        self.unmade.retain(|unmade| *unmade != key);
        self.turns.remove(key);
        ended
    }

    fn lingers(&self, key: u32) -> bool {
        self.sockets.get(key as usize).and_then(Option::as_ref).is_some_and(|socket| socket.lingers)
    }

    fn settled(&mut self) -> Option<u32> {
        self.settled.pop()
    }

    fn resume(&mut self, key: u32) {
        if let Some(socket) = self.socket_mut(key) {
            (socket.quiescing, socket.dry, socket.unconnected) = (false, false, false);
            if !std::mem::take(&mut socket.lingers) {
                socket.offset = 0;
            }
        }
    }

    fn detach(&mut self, key: u32, _attachment: &mut Attachment) {
        if self.sockets.get_mut(key as usize).and_then(Option::take).is_some() {
            self.carrier.detach(key);
        }
    }

    fn watch_wake(&mut self, wake: &EventDescriptor) -> io::Result<()> {
        self.carrier.watch_wake(wake)
    }

    fn descriptor(&mut self, event: &EventDescriptor) -> io::Result<Option<OwnedEvent>> {
        self.carrier.descriptor(event)
    }

    fn arm_descriptor(&mut self, armed: bool) -> io::Result<()> {
        if armed {
            // What is there already is told at once, by whoever arms it.
            self.look(Look::Now)?;
            if !self.ended.is_empty() || !self.spilled.is_empty() || !self.turns.is_empty() {
                self.carrier.remind(Duration::ZERO)?;
            } else if !self.unmade.is_empty() {
                self.carrier.remind(UNMADE)?;
            }
        }
        self.carrier.arm_descriptor(armed)
    }

    fn dry(&self) -> &[u32] {
        &self.dry
    }

    fn replenished(&mut self, _table: &mut Table) {
        while let Some(key) = self.dry.pop() {
            if let Some(socket) = self.socket_mut(key) {
                socket.dry = false;
            }
            self.turns.add(key);
        }
    }

    fn count_call(&mut self) {
        *self.carrier.calls() += 1;
    }

    fn system_calls(&self) -> u64 {
        self.carrier.system_calls()
    }

    fn fault(&self) -> Option<i32> {
        self.fault.or_else(|| self.carrier.fault())
    }
}
