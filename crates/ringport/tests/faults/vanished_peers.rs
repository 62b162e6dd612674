//! Peers that are there no more, and never said so: the road is cut, or they come back and know of nothing.

use std::io::Write;
use std::sync::atomic::Ordering::Relaxed;

use ringport::{BackendChoice, BufferPool, StreamSocket};

use crate::alone::alone_on_each_backend;
use crate::common::until;
use crate::echo::Echo;
use crate::network::{FAR, Network, Weather};
use crate::plain_peer::{connect, exchange};

alone_on_each_backend!(in two networks:
    silent_peers_are_found_dead,
    peers_that_come_back_without_memory_end_their_connections,
);

const PEERS: usize = 10;

fn silent_peers_are_found_dead(choice: BackendChoice) -> Vec<BufferPool> {
    let network = Network::new(0, Weather::FAIR).unwrap();
    let server = network.over_there(|| Echo::start(choice, FAR));
    let mut peers: Vec<_> = (0..PEERS).map(|_| connect(server.address)).collect();
    for peer in &mut peers {
        exchange(peer, b"here I am");
        // It says that it has the answer at once, so that the server has nothing to repeat and is silent.
        socket2::SockRef::from(&*peer).set_tcp_quickack(true).unwrap();
    }
    network.settle();
    network.change(Weather::CUT);
    // They are asked after a second of silence, and given up a second later.
    until("the dead to be found", || (server.figures.open.load(Relaxed) == 0).then_some(()));
    assert_eq!(server.figures.failed.load(Relaxed), PEERS);
    // The server lives on, for others.
    network.change(Weather::FAIR);
    exchange(&mut connect(server.address), b"here am I");
    vec![server.stop()]
}

fn peers_that_come_back_without_memory_end_their_connections(choice: BackendChoice) -> Vec<BufferPool> {
    let network = Network::new(0, Weather::FAIR).unwrap();
    let server = network.over_there(|| Echo::start(choice, FAR));
    let mut peers: Vec<_> = (0..PEERS).map(|_| connect(server.address)).collect();
    peers.iter_mut().for_each(|peer| exchange(peer, b"here I am"));
    network.settle();
    // The questions still arrive, the answers do not.
    network.change_back(Weather::CUT);
    let lost = network.traffic()[1].lost;
    peers.iter_mut().for_each(|peer| peer.write_all(b"are you there?").unwrap());
    until("the answers to be lost", || (network.traffic()[1].lost >= lost + PEERS).then_some(()));
    // Nobody hears that they go.
    network.change(Weather::CUT);
    for peer in peers {
        StreamSocket::from(peer).reset_on_close().unwrap();
    }
    assert_eq!(server.figures.open.load(Relaxed), PEERS);
    // The answers come again, to somebody who knows of no such connection.
    network.change(Weather::FAIR);
    until("the connections to end", || (server.figures.open.load(Relaxed) == 0).then_some(()));
    assert_eq!(server.figures.failed.load(Relaxed), PEERS);
    vec![server.stop()]
}
