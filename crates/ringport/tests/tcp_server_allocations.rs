//! Once a TCP server runs, no message makes it allocate: counted by the allocator of this program.
//!
//! Alone in its program, and one test, so that nobody else allocates meanwhile.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "common/backends/mod.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "the suites use the rest")]
mod backends;
#[path = "common/counting.rs"]
mod counting;
#[path = "common/designs.rs"]
#[expect(dead_code, reason = "these designs are all offered")]
mod designs;
#[path = "common/system/mod.rs"]
mod system;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use counting::allocations_during;
use designs::KINDS;
use ringport::TcpServer;
use ringport::server::tcp::framing::LengthPrefix;

const SLICE: usize = 4096;
/// With the length before them.
const SMALL: usize = 64;
const LARGE: usize = 2 * SLICE + 1000;
const CONNECTIONS: usize = 8;

/// Sends to all connections so many messages of a length, and takes all of them back, round by round.
fn echo(clients: &mut [TcpStream], message: &mut [u8], at_a_time: usize, rounds: usize) {
    let length = message.len() as u32 - 4;
    message[..4].copy_from_slice(&length.to_be_bytes());
    let mut back = [0; LARGE];
    let back = &mut back[..message.len()];
    for round in 0..rounds {
        message[4] = (round % 2) as u8;
        for client in &mut *clients {
            (0..at_a_time).for_each(|_| client.write_all(message).unwrap());
        }
        for client in &mut *clients {
            for _ in 0..at_a_time {
                client.read_exact(back).unwrap();
                assert!(back == message);
            }
        }
    }
}

/// Small messages, several of them at a time, and some that lie in several slices.
fn messages(clients: &mut [TcpStream], rounds: usize) -> usize {
    echo(clients, &mut [0; SMALL], 1, rounds);
    echo(clients, &mut [0; SMALL], 8, rounds);
    echo(clients, &mut [0; LARGE], 2, rounds);
    clients.len() * 11 * rounds
}

/// Has each connection come to the most that it may have on its way: its lists grow to that once, and when they have
/// to, for most connections never need them.
fn warm_up(clients: &mut [TcpStream]) {
    const BURST: usize = 32;
    let mut message = [1; SMALL];
    message[..4].copy_from_slice(&(SMALL as u32 - 4).to_be_bytes());
    let burst = message.repeat(BURST);
    for client in &mut *clients {
        client.write_all(&burst).unwrap();
        client.read_exact(&mut vec![0; burst.len()]).unwrap();
    }
    messages(clients, 20);
}

#[test]
fn no_message_allocates_once_the_server_runs() {
    for design in KINDS {
        for backend in backends::present() {
            let threads = if design.takes_threads() { 2 } else { 1 };
            let server = TcpServer::bind("127.0.0.1:0").unwrap().backend(backend);
            let server = server.design(design).threads(threads);
            let framing = LengthPrefix::four_bytes(LARGE).keep_prefix();
            let server = server.framing(framing).slice_size(SLICE).largest_reply(LARGE);
            let running = server
                .start(|message| {
                    // Copied and sent on, in turn.
                    if message.received().byte(4) == Some(1) {
                        let _ = message.echo();
                    } else {
                        let (bytes, mut copy) = (message.received(), [0; LARGE]);
                        let length = bytes.copy_to(&mut copy);
                        message.reply(&copy[..length]).unwrap();
                    }
                })
                .unwrap();
            let mut clients: Vec<TcpStream> = (0..CONNECTIONS)
                .map(|_| {
                    let client = TcpStream::connect(running.local_addr()).unwrap();
                    client.set_nodelay(true).unwrap();
                    client.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
                    client
                })
                .collect();
            warm_up(&mut clients);
            let mut count = 0;
            let allocated = allocations_during(|| count = messages(&mut clients, 120));
            eprintln!("{design} over {backend}: {allocated} allocations in {count} messages");
            assert!(count > 10_000);
            assert_eq!(allocated, 0, "{design} over {backend}: in {count} messages");
            running.stop().unwrap();
        }
    }
}
