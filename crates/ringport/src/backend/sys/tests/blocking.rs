//! Datagrams to oneself, each way of receiving.

use std::net::{SocketAddr, UdpSocket};

use crate::backend::sys::address;
use crate::backend::sys::blocking::{Arrival, is_empty, receive, receive_message, send, send_many};
use crate::backend::sys::descriptor::AsFd;
use crate::memory::HasHeader;
use crate::{BufferMut, BufferPool, Lock};

/// A slice of eight bytes.
pub(in crate::backend::sys) fn slice() -> BufferMut {
    let pool = BufferPool::builder().slice_size(8).slices_per_region(1).lock(Lock::Off).build().unwrap();
    pool.take().unwrap()
}

#[test]
fn a_datagram_comes_with_its_peer_and_tells_when_it_was_cut() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    for receive in [receive, receive_message] {
        let mut buffer = slice();
        for (bytes, kept, truncated) in [
            (&b"whole"[..], &b"whole"[..], false),
            (b"too long by far", b"too long", true),
            (b"", b"", false),
        ] {
            send(socket.as_fd(), bytes, &address, &[], true).unwrap();
            assert_eq!(receive(socket.as_fd(), &mut buffer).unwrap(), Arrival::Datagram { truncated });
            assert_eq!(&buffer[..], kept);
            assert_eq!(address::decode(buffer.name_bytes()), Some(address));
        }
    }
}

#[test]
fn many_leave_in_order_and_a_socket_tells_whether_it_is_empty() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    assert!(is_empty(socket.as_fd()));
    let datagrams: [(SocketAddr, &[u8]); 3] = [(address, b"1"), (address, b""), (address, b"3")];
    assert_eq!(send_many(socket.as_fd(), &datagrams).unwrap(), 3);
    let mut buffer = slice();
    for (_, expected) in datagrams {
        assert!(!is_empty(socket.as_fd()));
        receive(socket.as_fd(), &mut buffer).unwrap();
        assert_eq!(&buffer[..], expected);
    }
    assert!(is_empty(socket.as_fd()));
}
