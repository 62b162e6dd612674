//! Datagrams that leave as one message, cut by the kernel (GSO).
//!
//! ```text
//!   posted     [ a:512 │ a:512 512 512 100 │ b:512 │ a:512 ]      peer : bytes of its datagrams
//!   messages    └──────── one of 512 ─────┘  └ one ┘ └ one ┘
//! ```
//!
//! Neighbours with one peer, the same control data and the same length make a run, whether each is a send of its own
//! or several are one send; a shorter one ends it. A send that is too long for one message goes on in the next.
//! Nothing changes for whoever receives them, and the order stays.

use crate::backend::contract::{SendRequest, SendSide};
use crate::net::ControlBuffer;

/// Datagrams in one message, and bytes: what every kernel that knows segmentation takes.
const MOST_DATAGRAMS: u32 = 64;
const MOST_BYTES: u32 = 65_507;

/// What one message carries.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Run {
    /// Sends whose last byte is in it.
    pub(crate) ends: u32,
    /// Bytes of the send after those, which goes on in the next message.
    pub(crate) open: u32,
    pub(crate) datagrams: u32,
    /// Bytes of each datagram but the last.
    pub(crate) segment: u32,
    /// It is one datagram because larger ones than the device cuts leave alone.
    pub(crate) held_back: bool,
    bytes: u32,
    ended: bool,
}

impl Run {
    /// A run that begins with a send of which `rest` bytes are left, in datagrams of `unit`.
    #[inline]
    pub(crate) fn begin(unit: u32, rest: u32, largest: u32) -> Run {
        let segment = unit.min(rest);
        let held_back = segment > largest;
        let mut run = Run { segment, held_back, ..Run::default() };
        let bytes = match segment == rest || held_back {
            true => segment,
            false => run.room(unit, rest).max(segment),
        };
        run.add(bytes);
        run.ended |= held_back || segment == 0;
        run
    }

    /// How many bytes of a send of which `rest` are left, in datagrams of `unit`, may follow; 0 for none.
    #[inline]
    pub(crate) fn room(&self, unit: u32, rest: u32) -> u32 {
        if self.ended || self.datagrams >= MOST_DATAGRAMS {
            return 0;
        }
        let left = MOST_BYTES.saturating_sub(self.bytes);
        if rest <= unit {
            return if rest <= self.segment && rest <= left { rest } else { 0 };
        }
        if unit != self.segment {
            return 0;
        }
        let most = (left / unit).min(MOST_DATAGRAMS - self.datagrams);
        rest.min(most * unit)
    }

    /// So many bytes follow, for which there is room.
    #[inline]
    pub(crate) fn add(&mut self, bytes: u32) {
        self.bytes = self.bytes.saturating_add(bytes);
        if bytes <= self.segment {
            self.datagrams += 1;
            self.ended = bytes < self.segment;
        } else {
            self.datagrams += bytes.div_ceil(self.segment);
            self.ended = !bytes.is_multiple_of(self.segment);
        }
    }

    pub(crate) fn bytes(&self) -> u32 {
        self.bytes
    }

    /// Nothing may follow.
    #[cfg(target_os = "linux")]
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    /// Has the control data of its message say where to cut, beside what it says of each of its sends.
    pub(crate) fn write_control(&self, of_each: Option<&ControlBuffer>, control: &mut ControlBuffer) {
        match of_each {
            Some(of_each) => control.clone_from(of_each),
            None => control.clear(),
        }
        // There is room: only control data that takes a segment size is in a run of several.
        let _ = control.segment_size(self.segment as u16);
    }
}

/// The bytes of each datagram of a send that has so many, but the last.
#[inline]
pub(crate) fn unit(request: &SendRequest, length: u32) -> u32 {
    match u32::from(request.segment) {
        0 => length,
        segment => segment,
    }
}

/// Whether two sends differ in their bytes only.
#[inline]
pub(crate) fn alike(a: &SendRequest, b: &SendRequest, side: &SendSide) -> bool {
    a.peer == b.peer
        && match (a.control, b.control) {
            (None, None) => true,
            _ => match (control_of(a, side), control_of(b, side)) {
                (Some(a), Some(b)) => a.as_bytes() == b.as_bytes(),
                _ => false,
            },
        }
}

/// The control data of a send.
#[inline]
pub(crate) fn control_of<'side>(
    request: &SendRequest,
    side: &'side SendSide,
) -> Option<&'side ControlBuffer> {
    request.control.and_then(|index| side.controls.get(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: u32 = u32::MAX;

    /// A run of plain sends.
    fn of(length: u32) -> Run {
        Run::begin(length, length, ANY)
    }

    #[test]
    fn a_run_has_one_length_and_at_most_one_shorter_end() {
        let mut run = of(500);
        assert_eq!((run.room(500, 500), run.room(1, 1), run.room(501, 501)), (500, 1, 0));
        assert_eq!((run.room(250, 500), run.room(250, 250), run.room(500, 1100)), (0, 250, 1100));
        run.add(1000);
        run.add(100);
        assert_eq!((run.room(500, 500), run.room(100, 100)), (0, 0));
        assert_eq!((run.datagrams, run.segment), (4, 500));
        assert_eq!(of(0).room(1, 1), 0);
    }

    #[test]
    fn a_run_keeps_the_limits_of_the_kernel() {
        let (mut small, mut large) = (of(1), of(20_000));
        while small.room(1, 1) > 0 {
            small.add(1);
        }
        while large.room(20_000, 20_000) > 0 {
            large.add(20_000);
        }
        assert_eq!((small.datagrams, large.datagrams), (MOST_DATAGRAMS, 3));
    }

    #[test]
    fn a_long_send_is_cut_at_whole_datagrams() {
        let many = Run::begin(10, 10_005, ANY);
        assert_eq!((many.datagrams, many.bytes), (64, 640));
        let large = Run::begin(30_000, 100_000, ANY);
        assert_eq!((large.datagrams, large.bytes), (2, 60_000));
        let odd = Run::begin(10, 25, ANY);
        assert_eq!((odd.datagrams, odd.bytes, odd.room(10, 10)), (3, 25, 0));
        let mut begun = of(10);
        assert_eq!(begun.room(10, 10_005), 630, "it fills what is begun");
        begun.add(630);
        assert_eq!((begun.datagrams, begun.room(10, 10)), (64, 0));
        // Larger than any datagram: the system says so.
        assert_eq!(Run::begin(65_535, 200_000, ANY).bytes, 65_535);
    }

    #[test]
    fn what_the_device_does_not_cut_leaves_alone() {
        let alone = Run::begin(10, 25, 9);
        assert_eq!((alone.datagrams, alone.bytes, alone.room(10, 15)), (1, 10, 0));
        assert!(alone.held_back && !Run::begin(9, 25, 9).held_back);
    }
}
