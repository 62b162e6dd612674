//! Sends: all of it, in post order, gathered where several are due.

use std::io::Read;

use ringport::{BackendChoice, ChainMut, Operation, Send, Status};

use crate::common::on_each_backend;
use crate::common::system::EPIPE;
use crate::rig::{SLICE, rig};

on_each_backend!(
    sends_leave_in_post_order,
    deferred_sends_leave_together,
    a_chain_is_gathered,
    a_full_socket_keeps_what_is_left,
    destinations_are_of_datagrams,
    a_send_to_a_peer_that_is_gone_fails,
);

fn sends_leave_in_post_order(choice: BackendChoice) {
    let mut rig = rig(choice);
    for token in 0..8u8 {
        rig.requests.send(rig.pool.take_with(&[token; 3]).unwrap(), u64::from(token)).unwrap();
    }
    let done: Vec<_> =
        rig.take(8).iter().map(|done| (done.operation(), done.token(), done.bytes())).collect();
    assert!(done.into_iter().eq((0..8).map(|token| (Operation::Send, token, 3))));
    let mut got = [0; 24];
    rig.peer.read_exact(&mut got).unwrap();
    assert!(got.iter().copied().eq((0..8).flat_map(|token| [token; 3])));
}

fn deferred_sends_leave_together(choice: BackendChoice) {
    let mut rig = rig(choice);
    let before = rig.queue.system_calls();
    for token in 0..6u8 {
        let buffer = rig.pool.take_with(&[token]).unwrap();
        rig.requests.send_with(buffer, Send::new().defer(), u64::from(token)).unwrap();
    }
    assert_eq!(rig.queue.system_calls(), before);
    rig.peer.set_nonblocking(true).unwrap();
    assert!(rig.peer.read(&mut [0; 8]).is_err(), "nothing has left");
    rig.requests.commit();
    assert_eq!(rig.queue.system_calls(), before + 1, "one call for all");
    rig.peer.set_nonblocking(false).unwrap();
    let mut got = [0; 6];
    rig.peer.read_exact(&mut got).unwrap();
    assert_eq!(got, [0, 1, 2, 3, 4, 5]);
    assert_eq!(rig.take(6).len(), 6);
}

fn a_chain_is_gathered(choice: BackendChoice) {
    let mut rig = rig(choice);
    let sent: Vec<u8> = (0..40u8).collect();
    let chain: ChainMut = sent.chunks(SLICE).map(|part| rig.pool.take_with(part).unwrap()).collect();
    rig.requests.send(chain, 1).unwrap();
    let mut got = [0; 40];
    rig.peer.read_exact(&mut got).unwrap();
    assert_eq!(got[..], sent);
    assert_eq!(rig.take(1)[0].bytes(), 40);
}

fn a_full_socket_keeps_what_is_left(choice: BackendChoice) {
    let mut rig = rig(choice);
    let large = ringport::BufferPool::builder().slice_size(1 << 20).slices_per_region(12).build().unwrap();
    let mut sent = Vec::new();
    for token in 0..8u8 {
        let mut buffer = large.take().unwrap();
        buffer.extend_from_slice(&vec![token; 1 << 20]).unwrap();
        sent.extend_from_slice(&buffer);
        rig.requests.send(buffer, u64::from(token)).unwrap();
    }
    let early = rig.queue.dequeue(&mut ringport::Completions::with_capacity(8));
    assert!(early < 8, "so much does not fit into a socket");
    let mut peer = rig.peer.try_clone().unwrap();
    let reader = std::thread::spawn(move || {
        let mut got = vec![0; 8 << 20];
        peer.read_exact(&mut got).unwrap();
        got
    });
    let done = rig.take(8 - early);
    assert!(done.iter().map(|done| done.token()).eq(early as u64..8));
    assert!(done.iter().all(|done| done.bytes() == 1 << 20 && done.status() == Status::Success));
    assert!(reader.join().unwrap() == sent);
    assert!(rig.requests.counters().blocked > 0);
}

fn destinations_are_of_datagrams(choice: BackendChoice) {
    let rig = rig(choice);
    let to = Send::new().to("127.0.0.1:9".parse().unwrap());
    let refused = rig.requests.send_with(rig.pool.take_with(b"no").unwrap(), to, 1);
    assert!(refused.unwrap_err().error.to_string().contains("destination"));
    assert_eq!(rig.requests.outstanding().sends, 0);
}

fn a_send_to_a_peer_that_is_gone_fails(choice: BackendChoice) {
    let mut rig = rig(choice);
    let pool = rig.pool.clone();
    rig.socket.shutdown(std::net::Shutdown::Write).unwrap();
    rig.requests.send(pool.take_with(b"late").unwrap(), 1).unwrap();
    assert_eq!(rig.take(1)[0].status(), Status::Failed(EPIPE));
}
