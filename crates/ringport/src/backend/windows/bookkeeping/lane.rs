//! The operations of one way of a socket that are in the kernel.
//!
//! ```text
//!   posted    [ r0  r1  r2  r3  r4 ]        the side's requests, in post order
//!   flights   [ f0  f1  f2 ]                f0 is for r0, f1 for r1, ...; place and outcome of each
//!                   done                    it waits for f0: what came first is told first
//! ```
//!
//! The kernel serves operations of one kind in the order in which they began, and says so in nearly that order. So a
//! request is found without looking for it: the first flight is for the requests posted first.

use std::collections::VecDeque;

use super::super::carrier::Outcome;
use crate::backend::run::Run;

/// One operation.
#[derive(Debug)]
pub(super) struct Flight {
    place: u16,
    /// How it ended, once it has.
    pub(super) outcome: Option<Outcome>,
    /// Of datagrams on their way out: what is in it.
    pub(super) run: Run,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Lane {
    flights: VecDeque<Flight>,
    idle: Vec<u16>,
    most: u16,
}

impl Lane {
    /// Makes room for so many operations at a time.
    pub(super) fn grow_to(&mut self, most: u16) {
        if most > self.most {
            self.flights.reserve_exact(usize::from(most) - self.flights.len());
            self.idle.reserve_exact(usize::from(most) - self.idle.len());
            // The first is taken first.
            self.idle.extend((self.most..most).rev());
            self.most = most;
        }
    }

    /// Begins one; the place it has, or none where all are under way.
    #[inline]
    pub(super) fn depart(&mut self, run: Run) -> Option<u16> {
        let place = self.idle.pop()?;
        self.flights.push_back(Flight { place, outcome: None, run });
        Some(place)
    }

    /// Notes how an operation ended.
    #[inline]
    pub(super) fn note(&mut self, place: u16, outcome: Outcome) {
        // Nearly always the first that has not ended.
        let flight = self.flights.iter_mut().find(|flight| flight.place == place && flight.outcome.is_none());
        debug_assert!(flight.is_some(), "an operation that was not under way has ended");
        if let Some(flight) = flight {
            flight.outcome = Some(outcome);
        }
    }

    /// Takes the first operation, if it has ended.
    #[inline]
    pub(super) fn arrive(&mut self) -> Option<(Outcome, Run)> {
        self.flights.front()?.outcome.as_ref()?;
        let flight = self.flights.pop_front()?;
        self.idle.push(flight.place);
        Some((flight.outcome?, flight.run))
    }

    /// Takes any operation that has ended: where all requests are alike, none waits for another.
    pub(super) fn arrive_any(&mut self) -> Option<Outcome> {
        let position = self.flights.iter().position(|flight| flight.outcome.is_some())?;
        let flight = self.flights.remove(position)?;
        self.idle.push(flight.place);
        flight.outcome
    }

    /// Whether another may begin.
    #[inline]
    pub(super) fn has_room(&self) -> bool {
        !self.idle.is_empty()
    }

    /// The one that began last.
    pub(super) fn newest(&self) -> Option<&Flight> {
        self.flights.back()
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.flights.len()
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.flights.is_empty()
    }

    /// How many of them the kernel has still.
    pub(super) fn under_way(&self) -> usize {
        self.flights.iter().filter(|flight| flight.outcome.is_none()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::contract::Status;

    #[test]
    fn what_began_first_arrives_first() {
        let mut lane = Lane::default();
        lane.grow_to(2);
        lane.grow_to(3);
        let places: Vec<u16> = (0..3).map(|_| lane.depart(Run::default()).unwrap()).collect();
        assert!(!lane.has_room() && lane.depart(Run::default()).is_none());
        lane.note(places[1], Outcome::of(Status::Truncated));
        assert!(lane.arrive().is_none());
        assert_eq!(lane.under_way(), 2);
        lane.note(places[0], Outcome::of(Status::Success));
        assert_eq!(lane.arrive().unwrap().0.status, Status::Success);
        assert_eq!(lane.arrive().unwrap().0.status, Status::Truncated);
        assert!(lane.arrive().is_none() && lane.has_room());
        lane.depart(Run::default()).unwrap();
        lane.note(places[2], Outcome::of(Status::Aborted));
        assert_eq!((lane.len(), lane.arrive_any().unwrap().status), (2, Status::Aborted));
    }
}
