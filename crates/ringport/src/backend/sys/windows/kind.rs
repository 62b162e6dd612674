//! What kind of socket a descriptor is of.

use std::io;
use std::os::windows::io::{AsRawSocket, BorrowedSocket};

use windows_sys::Win32::Networking::WinSock::{
    AF_INET, AF_INET6, IPPROTO_UDP, SO_ACCEPTCONN, SO_CONNECT_TIME, SO_PROTOCOL_INFOW, SOCK_DGRAM, SOCK_RAW,
    SOCK_STREAM, SOCKET, SOL_SOCKET, WSAPROTOCOL_INFOW, XP1_IFS_HANDLES, getsockopt,
};

use super::{checked, option};

/// The kinds that the crate tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// UDP over IPv4 or IPv6.
    Udp,
    /// A stream that queues can serve: TCP over IPv4 or IPv6. The calls that accept and connect know no Unix sockets.
    Stream,
    /// Whole packets.
    Raw,
    /// Anything else.
    Other,
}

/// Asks the system.
pub(crate) fn kind(socket: BorrowedSocket<'_>) -> io::Result<Kind> {
    let about = about(socket)?;
    let internet = [AF_INET, AF_INET6].map(i32::from).contains(&about.iAddressFamily);
    Ok(match about.iSocketType {
        SOCK_RAW => Kind::Raw,
        SOCK_STREAM if internet => Kind::Stream,
        SOCK_DGRAM if internet && about.iProtocol == IPPROTO_UDP => Kind::Udp,
        _ => Kind::Other,
    })
}

/// Whether its addresses are of IPv4.
pub(crate) fn is_v4(socket: BorrowedSocket<'_>) -> io::Result<bool> {
    Ok(about(socket)?.iAddressFamily == i32::from(AF_INET))
}

/// Whether its provider gives handles that the kernel itself serves, as those of the system do (`XP1_IFS_HANDLES`).
pub(crate) fn is_of_file_system(socket: BorrowedSocket<'_>) -> bool {
    about(socket).is_ok_and(|about| about.dwServiceFlags1 & XP1_IFS_HANDLES != 0)
}

/// Windows has one answer to all of it (`SO_PROTOCOL_INFO`), also for a socket that is bound to nothing.
fn about(socket: BorrowedSocket<'_>) -> io::Result<WSAPROTOCOL_INFOW> {
    let mut about = WSAPROTOCOL_INFOW::default();
    let mut length = size_of::<WSAPROTOCOL_INFOW>() as i32;
    let (socket, place) = (socket.as_raw_socket() as SOCKET, std::ptr::from_mut(&mut about).cast());
    // SAFETY: `about` is a plain C structure of integers, valid for writing as many bytes as stated.
    checked(unsafe { getsockopt(socket, SOL_SOCKET, SO_PROTOCOL_INFOW, place, &mut length) })?;
    Ok(about)
}

/// Whether it is a stream socket that listens.
pub(crate) fn listens(socket: BorrowedSocket<'_>) -> io::Result<bool> {
    Ok(option::get::<i32>(socket, SOL_SOCKET, SO_ACCEPTCONN)? != 0)
}

/// Whether a stream socket is connected, or was until its peer reset the connection.
pub(crate) fn has_been_connected(socket: BorrowedSocket<'_>) -> bool {
    // In seconds; of one that is not connected all bits are set.
    option::get::<u32>(socket, SOL_SOCKET, SO_CONNECT_TIME).is_ok_and(|time| time != u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::sys::socket;
    use socket2::{Domain, Protocol, Socket, Type};
    use std::io::Read;
    use std::net::{TcpListener, TcpStream};
    use std::os::windows::io::AsSocket;
    use std::time::Duration;
    use windows_sys::Win32::Networking::WinSock::WSAENOTSOCK;

    #[test]
    fn each_kind_is_told_from_the_others_bound_or_not() {
        for family in [AF_INET, AF_INET6] {
            let (udp, tcp) = (socket::udp(family).unwrap(), socket::tcp(family).unwrap());
            for (socket, expected) in [(&udp, Kind::Udp), (&tcp, Kind::Stream)] {
                assert_eq!(kind(socket.as_socket()).unwrap(), expected);
                assert_eq!(is_v4(socket.as_socket()).unwrap(), family == AF_INET);
            }
            assert!(!listens(tcp.as_socket()).unwrap());
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        assert_eq!(kind(listener.as_socket()).unwrap(), Kind::Stream);
        assert!(listens(listener.as_socket()).unwrap());
    }

    #[test]
    fn a_connection_is_known_as_one_after_its_reset() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        assert!(!has_been_connected(listener.as_socket()));
        assert!(!has_been_connected(socket::tcp(AF_INET).unwrap().as_socket()));
        let peer = Socket::from(TcpStream::connect(listener.local_addr().unwrap()).unwrap());
        let connection = listener.accept().unwrap().0;
        assert!(has_been_connected(connection.as_socket()));
        peer.set_linger(Some(Duration::ZERO)).unwrap();
        drop(peer);
        // It waits for the reset, which Wine may tell as an end.
        let _ = (&connection).read(&mut [0]);
        assert!(has_been_connected(connection.as_socket()));
    }

    #[test]
    fn a_raw_socket_is_one_whatever_its_protocol() {
        match Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::UDP)) {
            Ok(raw) => assert_eq!(kind(raw.as_socket()).unwrap(), Kind::Raw),
            Err(error) => eprintln!("skipped: this user may open no raw socket: {error}"),
        }
    }

    #[test]
    fn what_is_no_socket_is_of_no_kind() {
        // SAFETY: the number is never a socket's, and the borrow does not close it.
        let nothing = unsafe { BorrowedSocket::borrow_raw(4) };
        assert_eq!(kind(nothing).unwrap_err().raw_os_error(), Some(WSAENOTSOCK));
    }
}
