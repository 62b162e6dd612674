//! How many packets of ours are queued, and whether more may be.
//!
//! ```text
//!   | closed 1 bit | packets 63 bits |      in one number, so that closing and counting are one step
//! ```
//!
//! A packet is counted before it is queued and until it is taken. So once the port is closed and the number is 0, no
//! packet is queued, and none will be.

use std::sync::atomic::{AtomicU64, Ordering};

const CLOSED: u64 = 1 << 63;

/// Why a packet gets no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoPlace {
    Closed,
    Full,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Places(AtomicU64);

impl Places {
    /// Counts one more, unless there are `most`.
    #[inline]
    pub(super) fn take(&self, most: u64) -> Result<(), NoPlace> {
        let more = |places: u64| (places < most.min(CLOSED)).then_some(places + 1);
        match self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, more) {
            Ok(_) => Ok(()),
            Err(places) if places & CLOSED != 0 => Err(NoPlace::Closed),
            Err(_) => Err(NoPlace::Full),
        }
    }

    /// Counts one less; whether the port was open then.
    #[inline]
    pub(super) fn give_back(&self) -> bool {
        self.0.fetch_sub(1, Ordering::SeqCst) & CLOSED == 0
    }

    /// Lets nothing in any more.
    pub(super) fn close(&self) {
        self.0.fetch_or(CLOSED, Ordering::SeqCst);
    }

    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        self.0.load(Ordering::SeqCst) & CLOSED != 0
    }

    pub(super) fn count(&self) -> usize {
        (self.0.load(Ordering::SeqCst) & !CLOSED) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_may_be_and_no_more() {
        let places = Places::default();
        assert_eq!([places.take(2), places.take(2), places.take(2)], [Ok(()), Ok(()), Err(NoPlace::Full)]);
        assert!(places.give_back());
        assert_eq!((places.take(2), places.count()), (Ok(()), 2));
    }

    #[test]
    fn nothing_gets_in_once_it_is_closed() {
        let places = Places::default();
        places.take(1).unwrap();
        places.close();
        assert_eq!((places.take(1), places.take(u64::MAX)), (Err(NoPlace::Closed), Err(NoPlace::Closed)));
        assert!(!places.give_back() && places.is_closed());
        assert_eq!(places.count(), 0);
    }
}
