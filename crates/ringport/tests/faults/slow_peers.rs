//! Peers that send a byte at a time, and peers that never read: both are served, and cost no more than others.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::time::Duration;

use ringport::{BackendChoice, BufferPool};

use crate::alone::alone_on_each_backend;
use crate::common::until;
use crate::echo_server::Kind;
use crate::plain_peer::{bytes_of, connect, exchange};

alone_on_each_backend!(peers_that_trickle_are_served, a_peer_that_never_reads_is_not_read_from_for_long);

/// More bytes than all sockets on the way may buffer.
const FAR_TOO_MUCH: usize = 16 << 20;

fn peers_that_trickle_are_served(choice: BackendChoice) -> Vec<BufferPool> {
    let mut pools = Vec::new();
    for kind in Kind::all() {
        let server = kind.start(choice, Ipv4Addr::LOCALHOST);
        let mut clients: Vec<_> = (0..32).map(|_| connect(server.address())).collect();
        for byte in 0..50 {
            for (number, client) in (0u8..).zip(&mut clients) {
                // The next comes only when this one is through.
                exchange(client, &[byte ^ number]);
            }
        }
        // While nothing is under way no connection holds a slice, for it was sent or never taken.
        until("the slices", || (server.slices() == 0).then_some(()));
        server.until_open(32);
        drop(clients);
        server.until_open(0);
        assert_eq!(server.failed(), 0, "{kind:?}");
        pools.extend(server.end());
    }
    pools
}

fn a_peer_that_never_reads_is_not_read_from_for_long(choice: BackendChoice) -> Vec<BufferPool> {
    let sent = bytes_of(1, FAR_TOO_MUCH);
    let mut pools = Vec::new();
    for kind in Kind::all() {
        let server = kind.start(choice, Ipv4Addr::LOCALHOST);
        let mut deaf = connect(server.address());
        let written = write_in_vain(&mut deaf, &sent);
        // What waits is no more than what is allowed to, however much came.
        assert!(server.slices() <= 5, "{kind:?}: {} slices", server.slices());
        // Others do not wait for it.
        let mut other = connect(server.address());
        (0..100).for_each(|byte| exchange(&mut other, &[byte; 100]));
        // When it reads at last, everything is there.
        deaf.shutdown(Shutdown::Write).unwrap();
        let mut back = Vec::new();
        deaf.read_to_end(&mut back).unwrap();
        assert!(back == sent[..written], "{kind:?}: {} bytes of {written} came back, or others", back.len());
        drop((deaf, other));
        server.until_open(0);
        assert_eq!(server.failed(), 0, "{kind:?}");
        pools.extend(server.end());
    }
    pools
}

/// Writes until nothing goes any more, and returns how much did; where it was only slow, that is less.
fn write_in_vain(deaf: &mut TcpStream, bytes: &[u8]) -> usize {
    deaf.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    let mut written = 0;
    loop {
        match deaf.write(&bytes[written..]) {
            Ok(0) => panic!("all was taken, and must be kept somewhere"),
            Ok(some) => written += some,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}");
                return written;
            }
        }
    }
}
