//! Waiting for one socket.

use std::io;
use std::os::windows::io::{AsRawSocket, BorrowedSocket};
use std::time::{Duration, Instant};

use windows_sys::Win32::Networking::WinSock::{POLLRDNORM, POLLWRNORM, SOCKET, WSAPOLLFD, WSAPoll};

use super::socket_error;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interest {
    /// Something to read; the queues learn of that in their own ways.
    Read,
    /// Room to write.
    Write,
}

/// Waits until the socket is ready, has an error or was hung up: `true`; or until the time is over: `false`, up to a
/// millisecond late. Without a time it waits for ever.
pub(crate) fn poll(
    socket: BorrowedSocket<'_>,
    interest: Interest,
    time: Option<Duration>,
) -> io::Result<bool> {
    let events = match interest {
        Interest::Read => POLLRDNORM,
        Interest::Write => POLLWRNORM,
    };
    let end = time.and_then(|time| Instant::now().checked_add(time));
    loop {
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        let mut one = WSAPOLLFD { fd: socket.as_raw_socket() as SOCKET, events, revents: 0 };
        // SAFETY: `one` is one valid entry.
        let ready = unsafe { WSAPoll(&mut one, 1, left.map_or(-1, milliseconds)) };
        match ready {
            0 if left.is_some_and(|left| left > LONGEST) => {}
            0 => return Ok(false),
            1.. => return Ok(true),
            _ => return Err(socket_error()),
        }
    }
}

/// The longest wait that the call can be told of, 24 days.
const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

/// Rounded up, so that a wait is never shorter than asked.
fn milliseconds(time: Duration) -> i32 {
    i32::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;
    use std::os::windows::io::AsSocket;

    #[test]
    fn a_socket_is_writable_at_once_and_readable_after_a_datagram() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        assert!(poll(socket.as_socket(), Interest::Write, None).unwrap());
        assert!(!poll(socket.as_socket(), Interest::Read, Some(Duration::from_nanos(1))).unwrap());
        socket.send_to(b"x", socket.local_addr().unwrap()).unwrap();
        assert!(poll(socket.as_socket(), Interest::Read, None).unwrap());
    }

    #[test]
    fn no_time_is_rounded_down_or_overflows() {
        assert_eq!(milliseconds(Duration::ZERO), 0);
        assert_eq!(milliseconds(Duration::from_nanos(1)), 1);
        assert_eq!(milliseconds(Duration::from_nanos(2_000_001)), 3);
        assert_eq!((milliseconds(LONGEST), milliseconds(Duration::MAX)), (i32::MAX, i32::MAX));
    }
}
