//! Datagrams: where they come from and go to, and how they end.

use windows_sys::Win32::Networking::WinSock::WSABUF;

use super::rig::*;
use crate::UdpSocket;
use crate::backend::contract::Status;
use crate::backend::windows::carrier::{Begun, Carrier, Way, Work};
use crate::memory::{HasHeader, Placed};

#[test]
fn datagrams_go_to_their_peer_and_come_with_theirs() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let mut rig = rig(64);
        let socket = UdpSocket::bind(address).unwrap();
        let means = rig.attach(KEY, &socket, room(8, 8));
        assert_eq!((means.receives, means.sends), (8, 8));
        let (mut received, sent) = (rig.slice(), rig.pool.take_with(b"to myself").unwrap());
        pending(rig.receive(KEY, 5, &received, false));
        let own = socket.local_addr().unwrap();
        pending(rig.send(KEY, 7, &sent, Some(own), false));
        assert!(rig.now().is_empty(), "nothing leaves before it is committed");
        rig.rio.commit(KEY);
        let mut ends = rig.wait(2);
        ends.sort_by_key(|end| end.ticket.way == Way::Out);
        assert_eq!(ends[0].ticket, ticket(KEY, Way::In, 5));
        assert_eq!(ends[1].ticket, ticket(KEY, Way::Out, 7));
        for end in &ends {
            assert_eq!((end.outcome.status, end.outcome.bytes), (Status::Success, 9));
        }
        received.set_received(9, ends[0].outcome.received);
        assert_eq!(&received[..], b"to myself");
        assert_eq!(crate::backend::decode_address(received.name_bytes()), Some(own));
    }
}

#[test]
fn a_long_datagram_is_cut_and_an_empty_one_is_one() {
    let mut rig = rig(64);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    rig.attach(KEY, &socket, room(4, 4));
    let own = socket.local_addr().unwrap();
    let (first, second) = (rig.slice(), rig.slice());
    pending(rig.receive(KEY, 0, &first, false));
    pending(rig.receive(KEY, 1, &second, false));
    let client = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    client.send_to(&[7; 40], own).unwrap();
    let (which, outcome) = rig.one();
    assert_eq!((which.place, outcome.status, outcome.bytes), (0, Status::Truncated, 32));
    let empty = rig.slice();
    pending(rig.send(KEY, 0, &empty, Some(own), true));
    rig.rio.commit(KEY);
    let ends = rig.wait(2);
    assert!(ends.iter().all(|end| (end.outcome.status, end.outcome.bytes) == (Status::Success, 0)));
}

#[test]
fn a_send_that_leads_nowhere_fails_and_what_is_over_the_limit_is_refused() {
    let mut rig = rig(64);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    rig.attach(KEY, &socket, room(1, 1));
    let buffer = rig.pool.take_with(b"nowhere").unwrap();
    pending(rig.send(KEY, 0, &buffer, None, false));
    let other = rig.pool.take_with(b"too many").unwrap();
    assert!(matches!(rig.send(KEY, 0, &other, None, false), Begun::Done(outcome) if outcome.status
        == Status::Failed(crate::backend::sys::errno::ENOBUFS)));
    rig.rio.commit(KEY);
    let (_, outcome) = rig.one();
    assert!(matches!(outcome.status, Status::Failed(_)), "{outcome:?}");
}

#[test]
fn a_socket_with_nothing_under_way_has_no_chest() {
    let mut rig = rig(64);
    let sockets: Vec<_> = (0..3).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
    for (key, socket) in (KEY..).zip(&sockets) {
        rig.attach(key, socket, room(1, 1));
        let (sent, own) = (rig.pool.take_with(b"two parts").unwrap(), socket.local_addr().unwrap());
        let part = |from: usize, len| WSABUF { len, buf: sent.payload_ptr().wrapping_add(from) };
        let (parts, place) = ([part(0, 4), part(4, 5)], sent.payload_place());
        let work = Work::Send { parts: &parts, place, peer: Some(&own), control: &[], quiet: false };
        // SAFETY: the socket is open, and the slice stays until the end, which is waited for.
        pending(unsafe { rig.rio.begin(ticket(key, Way::Out, 0), work) });
        assert_eq!(rig.rio.shelf.len(), 0, "it is under way");
        rig.rio.commit(key);
        assert_eq!(rig.one().1.bytes, 9);
        assert_eq!(rig.rio.shelf.len(), 1, "the next has the same");
    }
}
