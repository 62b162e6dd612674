//! Peers that are there no more, and never said so: the road is cut, or they come back and know of nothing.
//!
//! On Linux only: it takes namespaces of networks.

use std::io::Write;
use std::time::Duration;

use ringport::{BackendChoice, BufferPool, StreamSocket};

use crate::alone::alone_on_each_backend;
use crate::common::until;
use crate::echo_server::Kind;
use crate::network::{FAR, Network, Weather};
use crate::plain_peer::{connect, exchange};

alone_on_each_backend!(in two networks:
    silent_peers_are_found_dead,
    peers_that_come_back_without_memory_end_their_connections,
);

const PEERS: usize = 10;

fn silent_peers_are_found_dead(choice: BackendChoice) -> Vec<BufferPool> {
    let mut pools = Vec::new();
    for kind in Kind::all() {
        let network = Network::new(0, Weather::FAIR).unwrap();
        // A loop of its own has the system ask them after a second of silence; a server waits for as long itself.
        let second = Duration::from_secs(1);
        let server = network.over_there(|| kind.start_with(choice, FAR, second));
        let speak = || {
            let mut peer = connect(server.address());
            exchange(&mut peer, b"here I am");
            // It says that it has the answer at once, so that the server has nothing to repeat and is silent.
            socket2::SockRef::from(&peer).set_tcp_quickack(true).unwrap();
            peer
        };
        // Each speaks as soon as it is there: the last of them is not to be given up before.
        let _peers: Vec<_> = (0..PEERS).map(|_| speak()).collect();
        network.settle();
        network.change(Weather::CUT);
        server.until_open(0);
        assert_eq!(server.failed(), PEERS, "{kind:?}");
        // The server lives on, for others.
        network.change(Weather::FAIR);
        exchange(&mut connect(server.address()), b"here am I");
        pools.extend(server.end());
    }
    pools
}

fn peers_that_come_back_without_memory_end_their_connections(choice: BackendChoice) -> Vec<BufferPool> {
    let mut pools = Vec::new();
    for kind in Kind::all() {
        let network = Network::new(0, Weather::FAIR).unwrap();
        let server = network.over_there(|| kind.start(choice, FAR));
        let mut peers: Vec<_> = (0..PEERS).map(|_| connect(server.address())).collect();
        peers.iter_mut().for_each(|peer| exchange(peer, b"here I am"));
        network.settle();
        // The questions still arrive, the answers do not.
        network.change_back(Weather::CUT);
        let lost = network.traffic()[1].lost;
        peers.iter_mut().for_each(|peer| peer.write_all(b"are you there?").unwrap());
        network.settle();
        until("the answers to be lost", || (network.traffic()[1].lost >= lost + PEERS).then_some(()));
        // Nobody hears that they go.
        network.change(Weather::CUT);
        for peer in peers {
            StreamSocket::from(peer).reset_on_close().unwrap();
        }
        network.settle();
        assert_eq!(server.open(), PEERS, "{kind:?}");
        // The answers come again, to somebody who knows of no such connection.
        network.change(Weather::FAIR);
        server.until_open(0);
        assert_eq!(server.failed(), PEERS, "{kind:?}");
        pools.extend(server.end());
    }
    pools
}
