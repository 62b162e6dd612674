//! The control data of a message that says how long the datagrams are that it consists of.
//!
//! ```text
//!   received   [length 20 | SOL_UDP | UDP_GRO     | bytes, 4]   written by the kernel
//!   sent       [length 18 | SOL_UDP | UDP_SEGMENT | bytes, 2]   written by us
//! ```

use std::io;
use std::os::fd::{AsFd, AsRawFd};

/// Bytes that the kernel wants for it.
pub const CONTROL: usize = size_of::<Control>();

/// Room for it, laid out as the kernel has it.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub struct Control {
    length: usize,
    level: libc::c_int,
    kind: libc::c_int,
    data: [u8; 8],
}

const HEADER: usize = 16;

/// Switches receive offload on, so that the kernel hands over runs of datagrams and tells their size.
pub fn ask_for_runs(socket: &impl AsFd) -> io::Result<()> {
    let on: libc::c_int = 1;
    // SAFETY: the option is an integer, which lives during the call.
    let done = unsafe {
        libc::setsockopt(
            socket.as_fd().as_raw_fd(),
            libc::SOL_UDP,
            libc::UDP_GRO,
            std::ptr::from_ref(&on).cast(),
            size_of_val(&on) as libc::socklen_t,
        )
    };
    if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

impl Control {
    /// Nothing yet.
    pub const EMPTY: Control = Control { length: 0, level: 0, kind: 0, data: [0; 8] };

    /// What a message that is to leave as datagrams of `segment` bytes brings.
    pub fn of_segments(segment: u16) -> Control {
        let [low, high] = segment.to_ne_bytes();
        Control {
            length: HEADER + size_of_val(&segment),
            level: libc::SOL_UDP,
            kind: libc::UDP_SEGMENT,
            data: [low, high, 0, 0, 0, 0, 0, 0],
        }
    }

    /// Bytes of the datagrams in a message that the kernel wrote this for, if it is that.
    #[inline]
    pub fn segment(&self) -> Option<usize> {
        let [a, b, c, d, ..] = self.data;
        let told = self.level == libc::SOL_UDP && self.kind == libc::UDP_GRO;
        let bytes = usize::try_from(i32::from_ne_bytes([a, b, c, d])).ok();
        bytes.filter(|&bytes| told && bytes > 0)
    }
}
