//! Peers of the tests: plain sockets of the standard library, which the library under test has no part in.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::common::{PATIENCE, Random};

/// A connection that sends at once, and does not wait for ever.
pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let client = TcpStream::connect(address).unwrap();
    client.set_nodelay(true).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    client
}

/// Sends these bytes and reads them back.
pub(crate) fn exchange(client: &mut TcpStream, bytes: &[u8]) {
    client.write_all(bytes).unwrap();
    let mut back = vec![0; bytes.len()];
    client.read_exact(&mut back).unwrap();
    assert_eq!(back, bytes);
}

/// Writes until nothing goes any more, and returns how much did; where it was only slow, that is less.
pub(crate) fn write_in_vain(peer: &mut TcpStream, bytes: &[u8]) -> usize {
    // Not by a time limit on writes: how much of one has gone that ran into its limit, Windows does not say.
    peer.set_nonblocking(true).unwrap();
    let mut written = 0;
    until_still(|| {
        match peer.write(&bytes[written..]) {
            Ok(0) => panic!("all was taken, and must be kept somewhere"),
            Ok(some) => written += some,
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}"),
        }
        written
    });
    peer.set_nonblocking(false).unwrap();
    written
}

/// What does not change for so long does not change any more.
const STILL: Duration = Duration::from_millis(200);

/// Looks again and again until what is seen has not changed for a while; where that is only slow, it changes later.
pub(crate) fn until_still<T: PartialEq>(mut look: impl FnMut() -> T) -> T {
    let (mut seen, mut since) = (look(), Instant::now());
    while since.elapsed() < STILL {
        std::thread::yield_now();
        let now = look();
        if now != seen {
            (seen, since) = (now, Instant::now());
        }
    }
    seen
}

/// So many bytes, the same for a seed in every run.
pub(crate) fn bytes_of(seed: u64, length: usize) -> Vec<u8> {
    let mut random = Random::new(seed);
    std::iter::repeat_with(|| random.next().to_le_bytes()).flatten().take(length).collect()
}
