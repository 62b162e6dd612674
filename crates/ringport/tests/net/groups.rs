//! A port that several sockets share, peers being spread over them: Linux does that.

use std::net::SocketAddr;

use ringport::UdpSocket;
use ringport::net::SocketError;

use crate::loopback::ways;
use crate::until::until;

#[test]
fn a_port_is_opened_to_its_group_after_it_was_bound_alone() {
    for way in ways() {
        let address = way.server.local_addr().unwrap();
        let joining = UdpSocket::builder().reuse_port(true);
        assert!(matches!(joining.bind(address), Err(SocketError::AddressInUse { .. })), "{}", way.name);
        way.server.reuse_port(true).unwrap();
        let shards = [way.server, joining.bind(address).unwrap(), joining.bind(address).unwrap()];
        let plain = shards.each_ref().map(|shard| shard.to_std().unwrap());
        for shard in &plain {
            shard.set_nonblocking(true).unwrap();
        }
        // Peers are spread by a hash of their addresses: in time each shard gets one.
        let mut reached = [false; 3];
        while reached != [true; 3] {
            let peer = UdpSocket::bind(SocketAddr::new(way.client.local_addr().unwrap().ip(), 0)).unwrap();
            peer.to_std().unwrap().send_to(b"hello", way.target).unwrap();
            let shard =
                until("a shard receives", || plain.iter().position(|shard| shard.recv(&mut [0; 8]).is_ok()));
            reached[shard] = true;
        }
    }
}
