//! What all ways to receive have in common.

use std::io;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;

use crate::Failure;
use crate::filler::SOCKET_BUFFER;

/// Payload bytes that every buffer has room for.
pub(super) const SLICE: usize = 2048;
/// Looks in vain after which the rest of a fill is given up for lost.
const PATIENCE: usize = 100_000;

/// A way to receive.
pub(super) trait Drain {
    /// Receives `want` datagrams that are there.
    fn drain(&mut self, want: usize) -> Result<(), Failure>;
}

/// Whether the source of a datagram is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// Any peer; each datagram's address is read.
    Wanted,
    /// The socket is connected, the address known.
    Known,
}

/// Room for a whole fill; forced past the system's limit where that is allowed.
pub(crate) fn set_receive_buffer(socket: &UdpSocket) -> io::Result<()> {
    for option in [libc::SO_RCVBUFFORCE, libc::SO_RCVBUF] {
        let bytes = SOCKET_BUFFER as libc::c_int;
        // SAFETY: the option is an integer, read from `bytes` with its size.
        let result = unsafe {
            libc::setsockopt(
                socket.as_raw_fd(),
                libc::SOL_SOCKET,
                option,
                (&raw const bytes).cast(),
                size_of::<libc::c_int>() as libc::socklen_t,
            )
        };
        if result == 0 {
            return Ok(());
        }
    }
    Err(io::Error::last_os_error())
}

/// What every candidate does with a datagram: look at where it came from and at its first byte.
#[inline(always)]
pub(super) fn consume(port: u16, host: u32, payload: *const u8, length: usize) {
    // SAFETY: the callers pass a received payload, whose first byte is initialised memory of theirs.
    let first = unsafe { payload.read() };
    std::hint::black_box((port, host, first, length));
}

/// Counts looks in vain, and gives up when a fill cannot be complete.
#[derive(Debug, Default)]
pub(crate) struct Patience(usize);

impl Patience {
    /// Says how many datagrams the last look found.
    pub(crate) fn look(&mut self, found: usize) -> Result<(), Failure> {
        self.0 = if found == 0 { self.0 + 1 } else { 0 };
        if self.0 > PATIENCE {
            return Err("datagrams of a fill were lost: the socket buffer is too small for it".into());
        }
        Ok(())
    }
}
