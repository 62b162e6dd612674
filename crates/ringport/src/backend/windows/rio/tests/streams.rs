//! Connections: their data by the request queue, the rest by overlapped calls.

use std::io::{Read, Write};
use std::net::TcpListener;

use super::rig::*;
use crate::StreamSocket;
use crate::backend::contract::Status;
use crate::backend::windows::carrier::{Begun, Carrier, Way, Work};
use crate::net::Domain;

/// A key below the first has no addresses beside its data.
const STREAM: u32 = KEY - 1;

#[test]
fn a_connection_is_made_by_a_call_and_moves_data_by_its_queue() {
    let mut rig = rig(64);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let socket = StreamSocket::new(Domain::V4).unwrap();
    let means = rig.attach(STREAM, &socket, room(8, 8));
    assert_eq!((means.receives, means.sends, means.awaits), (1, 1, true));
    assert!(rig.rio.is_registered(STREAM));
    let connects = ticket(STREAM, Way::Out, 0);
    // SAFETY: no memory is named but the address, which is copied.
    match unsafe { rig.rio.begin(connects, Work::Connect { peer: &address }) } {
        Begun::Pending => assert_eq!(rig.one().1.status, Status::Success),
        Begun::Done(outcome) => assert_eq!(outcome.status, Status::Success),
    }
    let (mut peer, _) = listener.accept().unwrap();

    // SAFETY: it has no memory.
    let begun = unsafe { rig.rio.begin(ticket(STREAM, Way::In, 0), Work::Await) };
    pending(begun);
    peer.write_all(b"from there").unwrap();
    assert_eq!(rig.one().1.status, Status::Success);
    let mut buffer = rig.slice();
    pending(rig.receive(STREAM, 0, &buffer, false));
    let (_, outcome) = rig.one();
    buffer.set_received(outcome.bytes, outcome.received);
    assert_eq!(&buffer[..], b"from there");

    let sent = rig.pool.take_with(b"from here").unwrap();
    pending(rig.send(STREAM, 0, &sent, None, false));
    rig.rio.commit(STREAM);
    assert_eq!(rig.one().1.bytes, 9);
    let mut bytes = [0; 9];
    peer.read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes, b"from here");

    pending(rig.receive(STREAM, 0, &buffer, false));
    drop(peer);
    let (_, outcome) = rig.one();
    assert_eq!((outcome.status, outcome.bytes), (Status::Success, 0), "the end");
    rig.rio.detach(STREAM);
}

#[test]
fn one_request_waits_for_all_that_it_has_room_for() {
    let mut rig = rig(64);
    rig.whole = true;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = StreamSocket::connect(listener.local_addr().unwrap()).unwrap();
    let (mut peer, _) = listener.accept().unwrap();
    rig.attach(STREAM, &socket, room(8, 8));
    let mut buffer = rig.slice();
    for _ in 0..2 {
        pending(rig.receive(STREAM, 0, &buffer, false));
        for part in [1, 30] {
            peer.write_all(&vec![7; part]).unwrap();
            assert!(rig.now().is_empty());
        }
        peer.write_all(&[8]).unwrap();
        let (_, outcome) = rig.one();
        assert_eq!((outcome.status, outcome.bytes), (Status::Success, 32));
        buffer.set_received(outcome.bytes, outcome.received);
        assert_eq!((buffer[30], buffer[31]), (7, 8));
    }
    pending(rig.receive(STREAM, 0, &buffer, false));
    peer.write_all(b"the last").unwrap();
    drop(peer);
    let (_, outcome) = rig.one();
    assert_eq!((outcome.status, outcome.bytes), (Status::Success, 8), "the connection ended before");
}
