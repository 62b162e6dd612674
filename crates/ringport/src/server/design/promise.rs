//! What a send of a server is: all that its completion has to tell, in its token.
//!
//! ```text
//!   bits   0..2 kind   2 sourced   3..16 datagrams   16..33 bytes of each   33..61 thread   61..64 tag
//! ```

use crate::memory::Cut;
use crate::server::outlet::Answer;

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Promise {
    pub(super) kind: Kind,
    /// It leaves from a stated address.
    pub(super) sourced: bool,
    pub(super) datagrams: u32,
    pub(super) size: u32,
    /// How it leaves.
    pub(super) tag: u8,
    /// The thread that promised it.
    pub(super) thread: usize,
}

/// What becomes of its slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A reply in the slice that was received into, or in a part of it.
    Reply,
    /// A reply in a slice taken for it.
    Moved,
    /// A copy that a handler sends.
    Copy,
}

impl Promise {
    #[inline]
    pub(super) fn reply(answer: &Answer, cut: Cut, thread: usize) -> Promise {
        let kind = if matches!(answer, Answer::Copy(_)) { Kind::Moved } else { Kind::Reply };
        Promise { kind, sourced: false, datagrams: cut.datagrams, size: cut.size, tag: cut.tag, thread }
    }

    pub(super) fn copy(thread: usize) -> Promise {
        Promise { kind: Kind::Copy, sourced: false, datagrams: 1, size: 0, tag: 0, thread }
    }

    /// So many of its datagrams, and the others.
    pub(super) fn parted(self, datagrams: u32) -> [Promise; 2] {
        [datagrams, self.datagrams.saturating_sub(datagrams)].map(|datagrams| Promise { datagrams, ..self })
    }

    /// The size to cut it into, where there is something to cut.
    #[inline]
    pub(super) fn segments(&self) -> Option<u16> {
        if self.datagrams > 1 { u16::try_from(self.size).ok() } else { None }
    }

    #[inline]
    pub(super) fn token(self) -> u64 {
        self.kind as u64
            | u64::from(self.sourced) << 2
            | u64::from(self.datagrams.min(0x1fff)) << 3
            | u64::from(self.size.min(0x1_ffff)) << 16
            | (self.thread as u64 & 0xfff_ffff) << 33
            | u64::from(self.tag) << 61
    }

    #[inline]
    pub(super) fn of(token: u64) -> Promise {
        let kind = match token & 3 {
            0 => Kind::Reply,
            1 => Kind::Moved,
            _ => Kind::Copy,
        };
        let datagrams = (token >> 3) as u32 & 0x1fff;
        let size = (token >> 16) as u32 & 0x1_ffff;
        let thread = (token >> 33) as usize & 0xfff_ffff;
        Promise { kind, sourced: token & 4 != 0, datagrams, size, tag: (token >> 61) as u8, thread }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_tells_what_was_promised() {
        for kind in [Kind::Reply, Kind::Moved, Kind::Copy] {
            for (sourced, datagrams, size, tag, thread) in [(true, 1, 0, 4, 0), (false, 128, 65_536, 0, 1023)]
            {
                let promise = Promise { kind, sourced, datagrams, size, tag, thread };
                assert_eq!(Promise::of(promise.token()), promise);
            }
        }
    }
}
