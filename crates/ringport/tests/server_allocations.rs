//! Once a server runs, no datagram makes it allocate: counted by the allocator of this program.
//!
//! Alone in its program, and one test, so that nobody else allocates meanwhile.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "common/backends/mod.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "the suites use the rest")]
mod backends;
#[path = "common/counting.rs"]
mod counting;
#[path = "common/designs.rs"]
#[expect(dead_code, reason = "others run one of each kind")]
mod designs;
#[path = "common/system/mod.rs"]
mod system;

use std::net::UdpSocket;
use std::time::Duration;

use counting::allocations_during;
use designs::is_offered;
use ringport::{BackendChoice, Datagram, Design, UdpServer, net};

/// Sends and takes back rounds of eight datagrams.
fn echo(client: &UdpSocket, rounds: usize) {
    let mut bytes = [0; 128];
    for _ in 0..rounds {
        for number in 0..8 {
            client.send(&[number % 2; 100]).unwrap();
        }
        for _ in 0..8 {
            assert_eq!(client.recv(&mut bytes).unwrap(), 100);
        }
    }
}

/// Bytes of a datagram of a run; the first says what becomes of it.
const SIZE: usize = 100;
/// The longest answer: only some of them find room behind a run.
const LONGEST: usize = 9000;
/// Two of a kind one after the other, and others between them.
const RUN: &[u8] = b"rrrssllrwwwwwwwwwwckkrcr-e";
/// Of the run, those that are answered once, be it by a copy.
const ANSWERED: usize = 22;

/// Does with a datagram what it says.
fn answer(mut datagram: Datagram<'_>) {
    match datagram.payload()[0] {
        b's' => datagram.reply_len(SIZE / 2).unwrap(),
        b'l' => {
            datagram.slice_mut()[SIZE] = 7;
            datagram.reply_len(SIZE + 1).unwrap();
        }
        b'w' => datagram.reply_with(&[3; LONGEST]).unwrap(),
        b'c' => datagram.send_copy(datagram.peer(), datagram.payload()).unwrap(),
        b'k' => drop(datagram.keep()),
        b'e' => drop(datagram.copy_out().unwrap()),
        b'-' => {}
        _ => datagram.reply(),
    }
}

/// Sends datagrams of these kinds as one message.
fn send_run(client: &UdpSocket, bytes: &[u8]) {
    system::cut_sends(client, SIZE);
    assert_eq!(client.send(bytes).unwrap(), bytes.len());
}

#[test]
fn no_datagram_allocates_once_the_server_runs() {
    for design in Design::ALL.into_iter().filter(is_offered) {
        for backend in backends::present() {
            // On all addresses, so that control data goes with each datagram, too; and with copies.
            for bound in ["127.0.0.1:0", "0.0.0.0:0"] {
                let server = UdpServer::bind(bound).unwrap().design(design).backend(backend).pending(64);
                let server = server.start(|datagram| {
                    if datagram.payload()[0] == 1 {
                        datagram.send_copy(datagram.peer(), datagram.payload()).unwrap();
                    } else {
                        datagram.reply();
                    }
                });
                let server = server.unwrap();
                let client = UdpSocket::bind("127.0.0.1:0").unwrap();
                client.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
                client.connect(("127.0.0.1", server.local_addr().port())).unwrap();
                echo(&client, 50);
                let rounds = system::rounds(1000) as usize;
                let allocated = allocations_during(|| echo(&client, rounds));
                assert_eq!(allocated, 0, "{design} over {backend} on {bound}: in {} datagrams", 8 * rounds);
                server.stop().unwrap();
                if net::gro_supported() && net::gso_supported() {
                    runs(design, backend, bound);
                }
            }
        }
    }
}

/// The same for datagrams that come as runs, whatever becomes of each.
fn runs(design: Design, backend: BackendChoice, bound: &str) {
    let server = UdpServer::bind(bound).unwrap().design(design).backend(backend).pending(16);
    // Slices for copies of 9,000 bytes, of which a run of 64 KiB has room for seven.
    let server = server.slice_size(LONGEST).receive_offload(true).start(answer).unwrap();
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    client.connect(("127.0.0.1", server.local_addr().port())).unwrap();
    let mut run = [0; RUN.len() * SIZE];
    run.chunks_mut(SIZE).zip(RUN).for_each(|(datagram, kind)| datagram[0] = *kind);
    let mut bytes = vec![0; 2 * LONGEST];
    let mut round = |times: usize| {
        for _ in 0..times {
            send_run(&client, &run);
            (0..ANSWERED).for_each(|_| _ = client.recv(&mut bytes).unwrap());
        }
    };
    round(20);
    let allocated = allocations_during(|| round(200));
    assert_eq!(allocated, 0, "{design} over {backend} on {bound}: in {} runs", 200);
    let total = server.stop().unwrap().counters.total;
    assert!(total.runs > 200 && total.replies_dropped == 0, "{design} over {backend}: {total:?}");
}
