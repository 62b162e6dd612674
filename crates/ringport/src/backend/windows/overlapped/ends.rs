//! How the ends of operations are taken.
//!
//! ```text
//!   packet of an operation ──► pointer ──► place ───┐ under way there, and ended?
//!   packet of an event ──► socket ──► all its places ┴──► End, once
//! ```
//!
//! Sockets that another port has send no packets here. Their events do, and what has ended is found by looking.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use super::outcome::outcome;
use super::place::Spot;
use super::socket::Socket;
use super::{BATCH, Overlapped, keys};
use crate::backend::windows::carrier::End;

impl Overlapped {
    /// Takes packets; returns whether there were some.
    pub(super) fn receive(&mut self, ends: &mut VecDeque<End>, time: Option<Duration>) -> io::Result<()> {
        self.calls += 1;
        let Overlapped { watcher, sockets, arena, entries, home, looks, .. } = self;
        let port = &home.port;
        let taken = match watcher {
            Some(watcher) if time == Some(Duration::ZERO) => {
                watcher.beside(|| port.take_many(entries, BATCH, time))
            }
            _ => port.take_many(entries, BATCH, time),
        };
        for entry in taken? {
            if entry.key == keys::OPERATION {
                if let Some(spot) = arena.find(entry.overlapped) {
                    // SAFETY: the arena lives, and has this place.
                    ends.extend(unsafe { end_of(sockets, spot) });
                }
            } else if let Some(key) = keys::looked_at(entry.key) {
                look_at(looks, key);
            }
        }
        Ok(())
    }

    /// Looks at the sockets that another port has.
    pub(super) fn look(&mut self, ends: &mut VecDeque<End>) {
        while let Some(key) = self.looks.pop() {
            let spots = self.sockets.get(key as usize).and_then(Option::as_ref).map(Socket::spots);
            for spot in spots.into_iter().flatten() {
                // SAFETY: the arena lives, and has this place.
                ends.extend(unsafe { end_of(&self.sockets, spot) });
            }
        }
    }
}

/// The end of the operation in a place, unless it was taken, or is still to come.
///
/// # Safety
/// The arena of the place lives.
pub(super) unsafe fn end_of(sockets: &[Option<Socket>], spot: Spot) -> Option<End> {
    // SAFETY: the caller's word.
    let (ticket, ended) = unsafe { (spot.ticket(), spot.is_busy() && spot.ended().is_some()) };
    let socket = sockets.get(ticket.key as usize)?.as_ref().filter(|_| ended)?;
    // SAFETY: as above; the operation has ended, so the kernel does not have the place any more.
    let outcome = unsafe {
        spot.set_busy(false);
        outcome(spot, socket.raw)
    };
    Some(End { ticket, outcome })
}

/// Has a socket looked at, once.
pub(super) fn look_at(looks: &mut Vec<u32>, key: u32) {
    if !looks.contains(&key) {
        looks.push(key);
    }
}
