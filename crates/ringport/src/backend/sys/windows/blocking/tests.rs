//! Datagrams to oneself, each way of receiving.

use super::*;
use crate::backend::sys::option;
use crate::backend::sys::tests::blocking::slice;
use crate::{BufferPool, Lock};
use std::net::UdpSocket;
use std::os::windows::io::{AsSocket, FromRawHandle, OwnedHandle};
use std::thread;
use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
use windows_sys::Win32::Networking::WinSock::{IP_PKTINFO, IPPROTO_IP};
use windows_sys::Win32::System::IO::{CreateIoCompletionPort, GetQueuedCompletionStatus};

#[test]
fn control_data_comes_along_and_what_does_not_fit_is_told() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    option::set_switch(socket.as_socket(), IPPROTO_IP, IP_PKTINFO, true).unwrap();
    for (room, cut) in [(144, false), (0, true)] {
        let pool = BufferPool::builder().slice_size(8).slices_per_region(1).control(room).lock(Lock::Off);
        let mut buffer = pool.build().unwrap().take().unwrap();
        send(socket.as_socket(), b"to whom", &address, &[], true).unwrap();
        let arrival = receive_message(socket.as_socket(), &mut buffer).unwrap();
        assert_eq!(arrival, Arrival::Datagram { truncated: false });
        assert_eq!(&buffer[..], b"to whom");
        assert_eq!(buffer.received().flags & memory::Received::CONTROL_TRUNCATED != 0, cut);
        assert_eq!(buffer.control_bytes().is_empty(), cut);
    }
}

#[test]
fn a_receive_that_waits_gets_what_comes() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    for receive in [receive, receive_message] {
        let copy = socket.try_clone().unwrap();
        let waiting = thread::spawn(move || {
            let mut buffer = slice();
            [(); 3].map(|()| {
                let arrival = receive(copy.as_socket(), &mut buffer).unwrap();
                (arrival, buffer.to_vec(), address::decode(buffer.name_bytes()))
            })
        });
        for bytes in [&b"first"[..], b"longer than eight", b"third"] {
            thread::yield_now();
            socket.send_to(bytes, address).unwrap();
        }
        let brought = waiting.join().unwrap();
        let expected = [(&b"first"[..], false), (b"longer t", true), (b"third", false)];
        for ((arrival, bytes, peer), (kept, truncated)) in brought.into_iter().zip(expected) {
            assert_eq!((arrival, &bytes[..], peer), (Arrival::Datagram { truncated }, kept, Some(address)));
        }
    }
}

#[test]
fn a_receive_sends_no_packet_to_the_port_of_the_socket() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let handle = socket.as_raw_socket() as HANDLE;
    // SAFETY: the socket is open; the call takes no pointer, and what it makes is new and nobody else's.
    let port = unsafe {
        OwnedHandle::from_raw_handle(CreateIoCompletionPort(INVALID_HANDLE_VALUE, std::ptr::null_mut(), 0, 0))
    };
    // SAFETY: both are open.
    assert!(!unsafe { CreateIoCompletionPort(handle, port.as_raw_handle(), 0, 0) }.is_null());
    let mut buffer = slice();
    for receive in [receive, receive_message] {
        for bytes in [&b"whole"[..], b"longer than eight"] {
            send(socket.as_socket(), bytes, &address, &[], true).unwrap();
            receive(socket.as_socket(), &mut buffer).unwrap();
        }
    }
    let (mut bytes, mut key, mut overlapped) = (0, 0, std::ptr::null_mut());
    // SAFETY: the port is open, and the three places are valid for writing.
    let taken =
        unsafe { GetQueuedCompletionStatus(port.as_raw_handle(), &mut bytes, &mut key, &mut overlapped, 0) };
    assert!(taken == 0 && overlapped.is_null(), "it points at what is gone");
}

#[test]
fn a_receive_that_waits_is_interrupted() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for receive in [receive, receive_message] {
        let copy = socket.try_clone().unwrap();
        let blocked = thread::spawn(move || receive(copy.as_socket(), &mut slice()).unwrap_err().kind());
        while !blocked.is_finished() {
            interrupt(socket.as_socket());
            thread::yield_now();
        }
        assert_eq!(blocked.join().unwrap(), io::ErrorKind::Interrupted);
    }
}
