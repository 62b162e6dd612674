//! The socket's buffers in the kernel.

use ringport::UdpSocket;
use ringport::net::{SocketError, receive_buffer_limit, send_buffer_limit};

type Set = fn(&UdpSocket, usize) -> Result<usize, SocketError>;
type Get = fn(&UdpSocket) -> Result<usize, SocketError>;
type Limit = fn() -> Option<usize>;

const BOTH: [(&str, Set, Set, Get, Limit); 2] = [
    (
        "net.core.rmem_max",
        UdpSocket::set_receive_buffer,
        UdpSocket::require_receive_buffer,
        UdpSocket::receive_buffer,
        receive_buffer_limit,
    ),
    (
        "net.core.wmem_max",
        UdpSocket::set_send_buffer,
        UdpSocket::require_send_buffer,
        UdpSocket::send_buffer,
        send_buffer_limit,
    ),
];

#[test]
fn what_is_below_the_limit_is_granted_as_asked() {
    for (_, set, require, get, limit) in BOTH {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let asked = limit().unwrap_or(64 * 1024).min(1 << 20);
        assert_eq!(set(&socket, asked).unwrap(), asked);
        assert_eq!(get(&socket).unwrap(), asked);
        assert_eq!(require(&socket, asked / 2).unwrap(), asked / 2);
    }
}

#[test]
fn what_is_above_the_limit_grants_what_the_kernel_has_and_names_the_setting_where_it_is_required() {
    for (name, set, require, get, limit) in BOTH {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let granted = set(&socket, usize::MAX).unwrap();
        assert!(granted >= limit().unwrap_or(0).min(i32::MAX as usize / 2));
        assert_eq!(get(&socket).unwrap(), granted);
        let error = require(&socket, usize::MAX).unwrap_err();
        assert!(
            matches!(error, SocketError::BufferLimit { asked: usize::MAX, granted: told, .. } if told == granted)
        );
        // Windows has no such setting.
        assert!(limit().is_none() || error.to_string().contains(name), "{error}");
    }
}

#[test]
fn too_small_a_buffer_becomes_the_smallest() {
    for (_, set, require, _, _) in BOTH {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        // Linux has room for one datagram at least; on Windows a socket without a buffer is a way to send.
        let least = if cfg!(windows) { 0 } else { 2 };
        assert!(set(&socket, 0).unwrap() >= least);
        assert!(require(&socket, 1).unwrap() >= least);
    }
}
