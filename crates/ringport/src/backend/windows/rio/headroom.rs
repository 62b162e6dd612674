//! What a datagram leaves beside its data: in the headroom of its slice, read when the receive has ended.
//!
//! ```text
//!   0                   32      36      40                 48
//!   | SOCKADDR_INET     | flags |       | control's length | control ...
//!   | remote            | flags         | control ...................... |    as the request names them
//! ```

use windows_sys::Win32::Networking::WinSock::{AF_INET, AF_INET6, MSG_CTRUNC, MSG_TRUNC, RIO_BUF};

use super::constants::CONTROL_HEAD;
use crate::backend::sys::address;
use crate::memory::{CONTROL_LENGTH_OFFSET, CONTROL_OFFSET, NAME_LEN, NAME_OFFSET, Received};

/// Where the flags of what was received go, in the free bytes behind the address.
const FLAGS_OFFSET: usize = NAME_OFFSET + NAME_LEN;
/// The first fields of a control message: a length that is 0 says that there is none.
const FIRST: usize = 8;

const _: () = assert!(FLAGS_OFFSET + 4 <= CONTROL_LENGTH_OFFSET, "the flags have room");

/// The headroom of a receive in flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Headroom {
    start: *mut u8,
    /// Bytes for control data; 0 when none is asked for.
    control: u32,
}

// SAFETY: its methods are called by whoever has the operation, one thread at a time.
unsafe impl Send for Headroom {}

/// The parts of it, as a request names them.
#[derive(Clone, Copy)]
pub(super) struct Parts {
    pub(super) remote: RIO_BUF,
    pub(super) control: Option<RIO_BUF>,
    pub(super) flags: RIO_BUF,
}

impl Headroom {
    /// Prepares it, and names its parts; `None` when it is too short for an address.
    ///
    /// # Safety
    /// The memory is there, nobody else's, and `named` names all of it.
    pub(super) unsafe fn prepare(start: *mut u8, named: RIO_BUF) -> Option<(Headroom, Parts)> {
        let length = named.Length as usize;
        if length < CONTROL_OFFSET {
            return None;
        }
        let part = |offset: usize, length: usize| RIO_BUF {
            Offset: named.Offset + offset as u32,
            Length: length as u32,
            ..named
        };
        let control = length - CONTROL_OFFSET;
        let wants_control = control > FIRST;
        // SAFETY: all of it lies before `CONTROL_OFFSET + FIRST`, inside the memory; it may lie anywhere.
        unsafe {
            start.add(FLAGS_OFFSET).cast::<u32>().write_unaligned(0);
            start.add(NAME_OFFSET).cast::<u16>().write_unaligned(0);
            if wants_control {
                let total = (CONTROL_HEAD + control) as u32;
                start.add(CONTROL_LENGTH_OFFSET).cast::<u32>().write_unaligned(total);
                // Should the system write nothing for want of anything to say, this says it.
                start.add(CONTROL_OFFSET).cast::<u64>().write_unaligned(0);
            }
        }
        let parts = Parts {
            remote: part(NAME_OFFSET, address::LONGEST),
            control: wants_control.then(|| part(CONTROL_LENGTH_OFFSET, CONTROL_HEAD + control)),
            flags: part(FLAGS_OFFSET, size_of::<u32>()),
        };
        Some((Headroom { start, control: if wants_control { control as u32 } else { 0 } }, parts))
    }

    /// What a receive that has ended left; and whether only control data was cut, which is told like a cut datagram.
    ///
    /// # Safety
    /// The receive was dequeued, and its slice is still there.
    pub(super) unsafe fn read(self) -> (Received, bool) {
        // SAFETY: as in `prepare`; the system is done with it.
        let (family, flags, total) = unsafe {
            (
                self.start.add(NAME_OFFSET).cast::<u16>().read_unaligned(),
                self.start.add(FLAGS_OFFSET).cast::<u32>().read_unaligned(),
                self.start.add(CONTROL_LENGTH_OFFSET).cast::<u32>().read_unaligned(),
            )
        };
        let name_len = match family {
            AF_INET => 16,
            AF_INET6 => address::LONGEST as u8,
            _ => 0,
        };
        let control = if self.control == 0 { 0 } else { total.saturating_sub(CONTROL_HEAD as u32) };
        let control_len = control.min(self.control) as u16;
        let only_control = flags & (MSG_CTRUNC | MSG_TRUNC) == MSG_CTRUNC;
        let flags = if flags & MSG_CTRUNC == 0 { 0 } else { Received::CONTROL_TRUNCATED };
        (Received { name_len, control_len, flags }, only_control)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_alone_says_nothing() {
        let mut memory = [0xff_u8; 64];
        let named = RIO_BUF { BufferId: 7, Offset: 1000, Length: 64 };
        // SAFETY: the memory is a local.
        let (headroom, parts) = unsafe { Headroom::prepare(memory.as_mut_ptr(), named) }.unwrap();
        assert_eq!((parts.remote.Offset, parts.remote.Length), (1000, 28));
        assert_eq!((parts.flags.Offset, parts.flags.Length), (1032, 4));
        assert_eq!(parts.control.map(|control| (control.Offset, control.Length)), Some((1040, 24)));
        // SAFETY: likewise.
        let (received, only_control) = unsafe { headroom.read() };
        assert_eq!((received.name_len, received.flags, only_control), (0, 0, false));
        assert_eq!(memory[48..56], [0; 8], "no message begins there");
    }

    #[test]
    fn what_the_system_writes_is_read() {
        let mut memory = [0_u8; 128];
        let named = RIO_BUF { BufferId: 7, Offset: 0, Length: 128 };
        // SAFETY: the memory is a local.
        let (headroom, _) = unsafe { Headroom::prepare(memory.as_mut_ptr(), named) }.unwrap();
        memory[..2].copy_from_slice(&AF_INET6.to_ne_bytes());
        memory[32..36].copy_from_slice(&MSG_CTRUNC.to_ne_bytes());
        memory[40..44].copy_from_slice(&40_u32.to_ne_bytes());
        // SAFETY: likewise.
        let (received, only_control) = unsafe { headroom.read() };
        assert_eq!((received.name_len, received.control_len), (28, 32));
        assert_eq!((received.flags, only_control), (Received::CONTROL_TRUNCATED, true));
        memory[40..44].fill(0xff);
        // SAFETY: likewise.
        assert_eq!(unsafe { headroom.read() }.0.control_len, 80, "never more than there is room for");
        // SAFETY: likewise.
        assert!(unsafe { Headroom::prepare(memory.as_mut_ptr(), RIO_BUF { Length: 47, ..named }) }.is_none());
    }
}
