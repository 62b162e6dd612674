//! Runs of sends that leave as one message, cut into datagrams by the kernel (GSO).
//!
//! ```text
//!   posted   [ a:512 a:512 a:512 a:100 | b:512 | a:512 ]      peer : bytes
//!   messages   └──── one, 512 each ───┘  └ one ┘ └ one ┘
//! ```
//!
//! Neighbours with one peer, the same control data and the same length make a run; a shorter one ends it. Nothing
//! changes for whoever receives them, and the order stays.

use crate::backend::contract::{Payload, SendRequest, SendSide};
use crate::net::ControlBuffer;

/// Segments in one message, and bytes: what every kernel that knows segmentation takes.
const MOST_SEGMENTS: u16 = 64;
const MOST_BYTES: u32 = 65_000;

/// The sends of one message.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Run {
    pub(super) requests: u16,
    /// Bytes of the first, and of all but the last.
    pub(super) segment: u32,
    bytes: u32,
    ended: bool,
}

impl Run {
    /// A run that begins with a send of so many bytes; `None` when it may not have a second.
    pub(super) fn begin(bytes: Option<u32>) -> Run {
        let segment = bytes.unwrap_or(0);
        Run { requests: 1, segment, bytes: segment, ended: segment == 0 }
    }

    /// Whether a send of so many bytes may follow, the rest being equal.
    pub(super) fn takes(&self, bytes: u32) -> bool {
        !self.ended
            && bytes > 0
            && bytes <= self.segment
            && self.requests < MOST_SEGMENTS
            && self.bytes + bytes <= MOST_BYTES
    }

    /// It follows.
    pub(super) fn add(&mut self, bytes: u32) {
        self.requests += 1;
        self.bytes += bytes;
        self.ended = bytes < self.segment;
    }

    /// The control data of its message: that of its sends, and where to cut.
    pub(super) fn control(&self, of_each: Option<&ControlBuffer>) -> Option<ControlBuffer> {
        let mut control = of_each.cloned().unwrap_or_default();
        control.segment_size(u16::try_from(self.segment).ok()?).ok()?;
        Some(control)
    }
}

/// Bytes of a send that may be part of a run: one slice, and control data that takes the size of a segment.
pub(super) fn bytes_in_run(request: &SendRequest, side: &SendSide, most: u32) -> Option<u32> {
    let bytes = match &request.payload {
        Payload::Unique(buffer) => buffer.len(),
        Payload::Shared(buffer) => buffer.len(),
        Payload::ChainMut(_) | Payload::Chain(_) | Payload::Stream(_) | Payload::None => return None,
    };
    let cuts = control_of(request, side).is_none_or(ControlBuffer::takes_segment_size);
    u32::try_from(bytes).ok().filter(|bytes| cuts && (1..=most).contains(bytes))
}

/// Whether two sends differ in their bytes only.
pub(super) fn alike(a: &SendRequest, b: &SendRequest, side: &SendSide) -> bool {
    a.peer == b.peer
        && match (control_of(a, side), control_of(b, side)) {
            (None, None) => true,
            (Some(a), Some(b)) => a.as_bytes() == b.as_bytes(),
            _ => false,
        }
}

/// The control data of a send.
pub(super) fn control_of<'side>(
    request: &SendRequest,
    side: &'side SendSide,
) -> Option<&'side ControlBuffer> {
    request.control.and_then(|index| side.controls.get(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_has_one_length_and_at_most_one_shorter_end() {
        let mut run = Run::begin(Some(500));
        assert!(run.takes(500) && run.takes(1) && !run.takes(501) && !run.takes(0));
        run.add(500);
        run.add(100);
        assert!(!run.takes(500) && !run.takes(100));
        assert_eq!((run.requests, run.segment), (3, 500));
        assert!(!Run::begin(None).takes(1));
    }

    #[test]
    fn a_run_keeps_the_limits_of_the_kernel() {
        let (mut small, mut large) = (Run::begin(Some(1)), Run::begin(Some(20_000)));
        while small.takes(1) {
            small.add(1);
        }
        while large.takes(20_000) {
            large.add(20_000);
        }
        assert_eq!((small.requests, large.requests), (MOST_SEGMENTS, 3));
    }
}
