//! Once a server runs, no datagram makes it allocate: counted by the allocator of this program.
//!
//! Alone in its program, and one test, so that nobody else allocates meanwhile.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "common/counting.rs"]
mod counting;

use std::net::UdpSocket;
use std::time::Duration;

use counting::allocations_during;
use ringport::{BackendChoice, Design, UdpServer};

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

#[test]
fn no_datagram_allocates_once_the_server_runs() {
    for design in Design::ALL {
        for backend in [BackendChoice::Uring, BackendChoice::Epoll] {
            if let Err(error) = ringport::backend::explain(backend) {
                eprintln!("skipped: {design} over {backend}: {error}");
                continue;
            }
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
                client.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                client.connect(("127.0.0.1", server.local_addr().port())).unwrap();
                echo(&client, 50);
                let allocated = allocations_during(|| echo(&client, 1000));
                assert_eq!(allocated, 0, "{design} over {backend} on {bound}: in 8,000 datagrams");
                server.stop().unwrap();
            }
        }
    }
}
