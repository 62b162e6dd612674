//! Peers that send a byte at a time, and peers that never read: both are served, and cost no more than others.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use ringport::{BackendChoice, BufferPool};

use crate::alone::alone_on_each_backend;
use crate::common::until;
use crate::echo::Echo;
use crate::plain_peer::{bytes_of, connect, exchange};

alone_on_each_backend!(peers_that_trickle_are_served, a_peer_that_never_reads_is_not_read_from_for_long);

/// More bytes than all sockets on the way may buffer.
const FAR_TOO_MUCH: usize = 16 << 20;

fn peers_that_trickle_are_served(choice: BackendChoice) -> Vec<BufferPool> {
    let server = Echo::start(choice, Ipv4Addr::LOCALHOST);
    let mut clients: Vec<_> = (0..32).map(|_| connect(server.address)).collect();
    for byte in 0..200 {
        for (number, client) in (0u8..).zip(&mut clients) {
            // The next comes only when this one is through.
            exchange(client, &[byte ^ number]);
        }
    }
    // While nothing is under way no connection holds a slice, for it was sent or never taken.
    until("the slices", || (server.pool.figures().used == 0).then_some(()));
    drop(clients);
    until("the connections to be closed", || (server.figures.open.load(Relaxed) == 0).then_some(()));
    assert_eq!((server.figures.accepted.load(Relaxed), server.figures.failed.load(Relaxed)), (32, 0));
    vec![server.stop()]
}

fn a_peer_that_never_reads_is_not_read_from_for_long(choice: BackendChoice) -> Vec<BufferPool> {
    let server = Echo::start(choice, Ipv4Addr::LOCALHOST);
    let mut deaf = connect(server.address);
    let sent = bytes_of(1, FAR_TOO_MUCH);
    // Until nothing goes any more; where it is only slow, less was sent, and the rest holds as well.
    deaf.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    let mut written = 0;
    let error = loop {
        match deaf.write(&sent[written..]) {
            Ok(0) => panic!("all was taken, and must be kept somewhere"),
            Ok(bytes) => written += bytes,
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}");
    assert!(server.pool.figures().used <= 3, "{:?}", server.pool.figures());
    // Others do not wait for it.
    let mut other = connect(server.address);
    (0..100).for_each(|byte| exchange(&mut other, &[byte; 100]));
    // When it reads at last, everything is there.
    deaf.shutdown(Shutdown::Write).unwrap();
    let mut back = Vec::new();
    deaf.read_to_end(&mut back).unwrap();
    assert!(back == sent[..written], "{} bytes of {written} came back, or others", back.len());
    drop((deaf, other));
    until("the connections to be closed", || (server.figures.open.load(Relaxed) == 0).then_some(()));
    assert_eq!(server.figures.failed.load(Relaxed), 0);
    vec![server.stop()]
}
