//! A carrier whose packets others take: it learns from its landing what they brought.
//!
//! ```text
//!   packet of p3 ─► a thread of the port ─► noted: p3 ─► it has ended, as its status says
//!   packet of p4 ─► nobody took it ────────────────────► survey, or cancelled: looked at all the same
//! ```
//!
//! Nobody sleeps at that port for this queue. Whoever has to see the end of operations looks at their statuses, which the
//! system writes before it sends a packet.

use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

use super::super::carrier::{End, Look};
use super::super::landing::Landing;
use super::Overlapped;
use super::alarm::Alarm;
use super::ends::{end_of, look_at};
use super::socket::Socket;
use crate::backend::sys::clock;

/// How long one sleep is while operations are to end that were cancelled: twice as long each time, up to the last.
const FIRST_PAUSE: Duration = Duration::from_micros(50);
const LAST_PAUSE: Duration = Duration::from_millis(2);

impl Overlapped {
    /// As [`take`](super::super::carrier::Carrier::take), from the landing.
    pub(super) fn take_landed(
        &mut self,
        landing: &Landing,
        ends: &mut VecDeque<End>,
        look: Look,
    ) -> io::Result<()> {
        let before = ends.len();
        self.take_noted(landing, ends);
        let Look::Wait(time) = look else { return Ok(()) };
        let deadline = time.and_then(|time| Instant::now().checked_add(time));
        let mut pause = FIRST_PAUSE;
        while ends.len() == before && deadline.is_none_or(|deadline| Instant::now() < deadline) {
            self.calls += 1;
            clock::sleep(pause)?;
            pause = (2 * pause).min(LAST_PAUSE);
            self.look_at_all(ends);
            self.take_noted(landing, ends);
        }
        Ok(())
    }

    fn take_noted(&mut self, landing: &Landing, ends: &mut VecDeque<End>) {
        if landing.take_survey() {
            self.look_at_all(ends);
        }
        landing.take(&mut self.noted);
        for arrival in self.noted.arrivals.drain(..) {
            match self.arena.find(arrival.0) {
                // SAFETY: the arena lives, and has this place.
                Some(spot) => ends.extend(unsafe { end_of(&self.sockets, spot) }),
                None => self.strangers = true,
            }
        }
        let Overlapped { noted, looks, .. } = self;
        noted.sockets.drain(..).for_each(|socket| look_at(looks, socket));
        self.look(ends);
    }

    /// Takes what has ended of all sockets.
    fn look_at_all(&mut self, ends: &mut VecDeque<End>) {
        for spot in self.sockets.iter().flatten().flat_map(Socket::spots) {
            // SAFETY: the arena lives, and has this place.
            ends.extend(unsafe { end_of(&self.sockets, spot) });
        }
    }

    /// Has a packet come after a while, or now.
    pub(super) fn remind_at(&mut self, time: Duration) -> io::Result<()> {
        if time.is_zero() {
            return self.home.wake();
        }
        let alarm = match self.alarm.take() {
            Some(alarm) => alarm,
            None => Alarm::new(self.home.clone())?,
        };
        self.alarm.insert(alarm).set(time);
        Ok(())
    }
}
