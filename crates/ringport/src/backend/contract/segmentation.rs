//! What the way out of one socket was found to cut into datagrams.
//!
//! ```text
//!   refused ──► in doubt: its sends leave one by one ──► they do:       remembered
//!                                                    └─► refused, too:  it was not about cutting, forgotten
//! ```
//!
//! A device may offer to cut and then refuse, and only trying tells. Whether it was about that is known once the same
//! datagrams leave alone: a source address that is not ours is refused either way.

use crate::backend::sys::errno;

/// So many datagrams leave alone before another try: routes change, and one refused call among so many is nothing.
const PATIENCE: u16 = 4096;
/// Any datagram may be cut out of a message.
const ANY: u16 = u16::MAX;

/// See the module. Small, since each socket and connection has one.
#[derive(Debug)]
pub(crate) struct Segmentation {
    /// Larger datagrams leave one by one.
    largest: u16,
    /// The error of the last refusal, until it is confirmed, and what `largest` was before; 0 for none.
    doubt: u16,
    before: u16,
    /// Datagrams that left alone since then.
    alone: u16,
}

impl Default for Segmentation {
    fn default() -> Segmentation {
        Segmentation { largest: ANY, ..Segmentation::NONE }
    }
}

impl Segmentation {
    /// Of a socket without datagrams: nothing is joined.
    pub(crate) const NONE: Segmentation = Segmentation { largest: 0, doubt: 0, before: 0, alone: 0 };

    /// The largest datagram that may be cut out of a message; 0 where none may.
    #[inline]
    pub(crate) fn largest(&self) -> u32 {
        if self.largest == ANY { u32::MAX } else { self.largest.into() }
    }

    /// A message with segments of so many bytes was refused. Whether that may be because it was to be cut.
    #[cold]
    pub(crate) fn refused(&mut self, segment: u32, error: i32) -> bool {
        let largest = match error {
            // Larger than the path takes: smaller ones may do.
            errno::EMSGSIZE | errno::EINVAL => u16::try_from(segment.saturating_sub(1)).unwrap_or(ANY - 1),
            // What a device says that offers to do it, and cannot.
            errno::EIO | errno::EOPNOTSUPP | errno::ENOPROTOOPT => 0,
            _ => return false,
        };
        (self.doubt, self.before) = (error as u16, self.largest);
        (self.largest, self.alone) = (largest, 0);
        true
    }

    /// One datagram alone was refused.
    #[cold]
    pub(crate) fn refused_alone(&mut self, error: i32) {
        if self.doubt > 0 && i32::from(self.doubt) == error {
            (self.largest, self.doubt) = (self.before, 0);
        }
    }

    /// A call went well in which so many datagrams left one by one for their size. True when that confirms a refusal.
    #[inline]
    pub(crate) fn left(&mut self, alone: u32) -> bool {
        if alone == 0 {
            return false;
        }
        self.alone = self.alone.saturating_add(alone as u16);
        if self.alone >= PATIENCE {
            (self.largest, self.alone) = (ANY, 0);
        }
        std::mem::take(&mut self.doubt) > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_too_narrow_still_takes_smaller_ones() {
        let mut segmentation = Segmentation::default();
        assert!(segmentation.refused(1400, errno::EMSGSIZE));
        assert_eq!(segmentation.largest(), 1399);
        assert!(segmentation.left(3) && !segmentation.left(3), "it is confirmed once");
        assert!(segmentation.refused(900, errno::EINVAL));
        assert_eq!(segmentation.largest(), 899);
    }

    #[test]
    fn a_device_that_refuses_is_tried_again_after_a_while() {
        let mut segmentation = Segmentation::default();
        assert!(segmentation.refused(100, errno::EIO));
        for _ in 0..PATIENCE - 1 {
            segmentation.left(1);
            assert_eq!(segmentation.largest(), 0);
        }
        segmentation.left(1);
        assert_eq!(segmentation.largest(), u32::MAX);
    }

    #[test]
    fn what_is_refused_alone_too_says_nothing_about_cutting() {
        let mut segmentation = Segmentation::default();
        assert!(!segmentation.refused(100, errno::EPERM));
        assert!(segmentation.refused(100, errno::EINVAL));
        segmentation.refused_alone(errno::EINVAL);
        assert_eq!(segmentation.largest(), u32::MAX);
        // Another error leaves the doubt as it is.
        assert!(segmentation.refused(100, errno::EIO));
        segmentation.refused_alone(errno::EPERM);
        assert_eq!(segmentation.largest(), 0);
    }
}
