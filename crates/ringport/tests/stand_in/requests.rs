//! Requests: what is refused, limits, flags, what comes beside the data.

use std::io::Write;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::windows::io::AsRawSocket;
use std::ptr;

use windows_sys::Win32::Networking::WinSock::{
    AF_INET, IP_PKTINFO, IPPROTO_IP, MSG_TRUNC, RIO_BUF, SOCKADDR_IN, SOCKET, WSAEFAULT, WSAEINVAL,
    WSAEMSGSIZE, WSAENOBUFS, WSAEOPNOTSUPP, setsockopt,
};

use super::rig::*;

const DEFER: u32 = 2;
const WAITALL: u32 = 4;
const COMMIT_ONLY: u32 = 8;

#[test]
fn memory_that_cannot_be_registered() {
    let register = functions().RIORegisterBuffer.unwrap();
    let byte = 0_u8;
    // SAFETY: the call looks before it believes.
    unsafe {
        assert_eq!((register(ptr::null(), 8), last_error()), (0xFFFF_FFFF, WSAEFAULT));
        assert_eq!((register(&byte, 0), last_error()), (0xFFFF_FFFF, WSAEINVAL));
    }
}

#[test]
fn bad_requests_are_refused_and_complete_nothing() {
    let (socket, _peer) = pair();
    let (queue, memory) = (Queue::polled(8), Memory::new(64));
    let requests = attach(&socket, &queue, 4, 4).unwrap();
    assert_eq!(receive(requests + 1000, memory.slice(0, 8), 0, 0), Err(WSAEINVAL));
    assert_eq!(receive(requests, memory.slice(60, 8), 0, 0), Err(WSAEFAULT));
    assert_eq!(receive(requests, memory.slice(u32::MAX, 8), 0, 0), Err(WSAEFAULT));
    assert_eq!(receive(requests, memory.slice(0, 8), 16, 0), Err(WSAEINVAL));
    assert_eq!(receive(requests, memory.slice(0, 8), COMMIT_ONLY, 0), Err(WSAEINVAL));
    assert_eq!(receive(requests, memory.slice(0, 8), WAITALL, 0), Err(WSAEOPNOTSUPP));
    assert_eq!(send(requests, memory.slice(0, 8), WAITALL, 0), Err(WSAEINVAL));
    let data = [memory.slice(0, 8), memory.slice(8, 8)];
    // SAFETY: the memory stays for good.
    let two = ok(unsafe { functions().RIOSend.unwrap()(requests, data.as_ptr(), 2, 0, ptr::null()) });
    assert_eq!(two, Err(WSAEINVAL));
    memory.deregister();
    assert_eq!(send(requests, memory.slice(0, 8), 0, 0), Err(WSAEFAULT));
    assert!(queue.now(1).is_empty());
}

#[test]
fn a_limit_counts_until_the_result_is_dequeued() {
    let (socket, _peer) = pair();
    let (queue, memory) = (Queue::polled(8), Memory::new(64));
    let requests = attach(&socket, &queue, 1, 3).unwrap();
    for number in 0..3 {
        send(requests, memory.slice(0, 8), 0, number).unwrap();
    }
    assert_eq!(send(requests, memory.slice(0, 8), 0, 3), Err(WSAENOBUFS));
    let results = queue.take(3);
    let seen: Vec<_> = results.iter().map(|result| (result.Status, result.RequestContext)).collect();
    assert_eq!(seen, [(0, 0), (0, 1), (0, 2)]);
    assert!(results.iter().all(|result| (result.SocketContext, result.BytesTransferred) == (77, 8)));
    send(requests, memory.slice(0, 8), 0, 3).unwrap();
}

#[test]
fn what_is_deferred_leaves_with_a_commit_even_from_a_full_queue() {
    let (socket, peer) = pair();
    peer.set_nonblocking(true).unwrap();
    let (queue, memory) = (Queue::polled(8), Memory::new(64));
    let requests = attach(&socket, &queue, 1, 2).unwrap();
    send(requests, memory.slice(0, 8), DEFER, 1).unwrap();
    send(requests, memory.slice(0, 8), DEFER, 2).unwrap();
    assert_eq!(send(requests, memory.slice(0, 8), DEFER, 3), Err(WSAENOBUFS));
    assert!(queue.now(1).is_empty() && peer.recv(&mut [0; 8]).is_err());
    commit_sends(requests).unwrap();
    assert_eq!(queue.take(2).len(), 2);
    // The next that is not deferred takes those before it along.
    send(requests, memory.slice(0, 8), DEFER, 4).unwrap();
    send(requests, memory.slice(0, 8), 0, 5).unwrap();
    assert_eq!(queue.take(2)[1].RequestContext, 5);
}

#[test]
fn receives_fill_in_post_order_and_long_datagrams_are_cut() {
    let (socket, peer) = pair();
    let (queue, memory) = (Queue::polled(8), Memory::new(64));
    let requests = attach(&socket, &queue, 4, 1).unwrap();
    for number in 0..3_u32 {
        receive(requests, memory.slice(number * 8, 8), 0, number as usize).unwrap();
    }
    for bytes in [&b"first"[..], b"a long datagram", b""] {
        peer.send(bytes).unwrap();
    }
    let results = queue.take(3);
    let seen: Vec<_> = results.iter().map(|r| (r.RequestContext, r.Status, r.BytesTransferred)).collect();
    assert_eq!(seen, [(0, 0, 5), (1, WSAEMSGSIZE, 8), (2, 0, 0)]);
    assert_eq!(memory.read(0, 16), b"first\0\0\0a long d");
}

#[test]
fn a_long_datagram_that_waits_already_is_cut_alike() {
    let (socket, peer) = pair();
    let (queue, memory) = (Queue::polled(8), Memory::new(64));
    let requests = attach(&socket, &queue, 4, 1).unwrap();
    peer.send(b"a long datagram").unwrap();
    receive(requests, memory.slice(0, 8), 0, 0).unwrap();
    let result = queue.take(1)[0];
    assert_eq!((result.Status, result.BytesTransferred), (WSAEMSGSIZE, 8));
}

#[test]
fn a_datagram_brings_its_address_its_control_data_and_its_flags() {
    let (socket, peer) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    let on = 1_i32;
    let number = socket.as_raw_socket() as SOCKET;
    // SAFETY: the option is an integer of that size.
    assert_eq!(0, unsafe { setsockopt(number, IPPROTO_IP, IP_PKTINFO, ptr::from_ref(&on).cast(), 4) });
    let (queue, memory) = (Queue::polled(8), Memory::new(256));
    let requests = attach(&socket, &queue, 4, 1).unwrap();
    let [data, remote, control, flags] =
        [memory.slice(0, 4), memory.slice(16, 28), memory.slice(64, 64), memory.slice(132, 4)];
    let post = |remote: &RIO_BUF| {
        let call = functions().RIOReceiveEx.unwrap();
        // SAFETY: the memory stays for good.
        ok(unsafe { call(requests, &data, 1, ptr::null(), remote, &control, &flags, 0, context(5)) })
    };
    assert_eq!(post(&memory.slice(16, 27)), Err(WSAEFAULT), "no room for an address");
    post(&remote).unwrap();
    peer.send_to(b"too long", socket.local_addr().unwrap()).unwrap();
    let result = queue.take(1)[0];
    assert_eq!((result.Status, result.BytesTransferred), (WSAEMSGSIZE, 4));
    let address = memory.read(16, 16);
    assert_eq!(address[..2], AF_INET.to_le_bytes());
    assert_eq!(address[2..4], peer.local_addr().unwrap().port().to_be_bytes());
    let total = u32::from_le_bytes(memory.read(64, 4).try_into().unwrap());
    assert!((8 + 16 + 8..=64).contains(&total), "{total} bytes of control data");
    let kind = memory.read(72 + 8, 8);
    assert_eq!(kind, [IPPROTO_IP.to_le_bytes(), IP_PKTINFO.to_le_bytes()].concat());
    let flags = u32::from_le_bytes(memory.read(132, 4).try_into().unwrap());
    assert_ne!(flags & MSG_TRUNC, 0);
}

#[test]
fn a_send_goes_to_its_address() {
    let (socket, peer) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    let (queue, memory) = (Queue::polled(8), Memory::new(64));
    let requests = attach(&socket, &queue, 1, 2).unwrap();
    let mut address = SOCKADDR_IN { sin_family: AF_INET, ..Default::default() };
    address.sin_port = peer.local_addr().unwrap().port().to_be();
    address.sin_addr.S_un.S_addr = u32::from_ne_bytes([127, 0, 0, 1]);
    // SAFETY: a plain C structure of 16 bytes.
    memory.write(16, unsafe { std::slice::from_raw_parts(ptr::from_ref(&address).cast(), 16) });
    memory.write(0, b"to there");
    let (data, remote) = (memory.slice(0, 8), memory.slice(16, 28));
    let call = functions().RIOSendEx.unwrap();
    let none = ptr::null();
    // SAFETY: the memory stays for good.
    ok(unsafe { call(requests, &data, 1, none, &remote, none, none, 0, context(1)) }).unwrap();
    let mut bytes = [0; 16];
    let (count, from) = peer.recv_from(&mut bytes).unwrap();
    assert_eq!((&bytes[..count], from), (&b"to there"[..], socket.local_addr().unwrap()));
    assert_eq!(queue.take(1)[0].BytesTransferred, 8);
    // Without an address there is nowhere to go.
    let sent = send(requests, data, 0, 2);
    assert!(sent.is_err() || queue.take(1)[0].Status != 0);
}

#[test]
fn a_stream_fills_all_or_what_there_is() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (socket, _) = listener.accept().unwrap();
    let (queue, memory) = (Queue::polled(8), Memory::new(64));
    let requests = attach(&socket, &queue, 4, 1).unwrap();
    receive(requests, memory.slice(0, 8), WAITALL, 1).unwrap();
    receive(requests, memory.slice(8, 8), 0, 2).unwrap();
    receive(requests, memory.slice(16, 8), WAITALL, 3).unwrap();
    for bytes in [b"abc", b"def", b"ghi"] {
        peer.write_all(bytes).unwrap();
        peer.flush().unwrap();
    }
    let first = queue.take(1)[0];
    assert_eq!((first.RequestContext, first.BytesTransferred), (1, 8));
    assert_eq!(memory.read(0, 8), b"abcdefgh");
    let second = queue.take(1)[0];
    assert_eq!((second.RequestContext, second.BytesTransferred), (2, 1));
    peer.write_all(b"jk").unwrap();
    drop(peer);
    let third = queue.take(1)[0];
    assert_eq!((third.RequestContext, third.Status, third.BytesTransferred), (3, 0, 2));
}
