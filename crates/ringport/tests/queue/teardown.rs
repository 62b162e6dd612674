//! Closing and dropping in every order, with operations in flight and a sender that floods meanwhile.
//!
//! Afterwards the slices are back and their memory is gone or untouched, the descriptors are closed, and
//! the port is free at once. Each run has a process of its own, whose descriptors and memory are its alone.

use std::net::UdpSocket as Plain;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering};

use ringport::queue::Event;
use ringport::{
    BackendChoice, BufferMut, BufferPool, ChainMut, CompletionQueue, Completions, RequestQueue, Send,
    UdpSocket,
};

use crate::common::child::no_child_starts;
use crate::common::lonely::{is_free, lonely};
use crate::common::owned::Pages;
use crate::common::rig::{builder, limits, pool};
use crate::common::system::descriptors;
use crate::common::{on_each_backend, until};

on_each_backend!(by crate::common::in_a_child: every_order);

/// Which way of receiving is in the kernel when everything is torn down.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Payload,
    Addresses,
    Chains,
    OwnMemory,
}

/// A thread that sends to whatever port it is told.
struct Flood {
    port: Arc<AtomicU16>,
    sent: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
}

impl Flood {
    fn start() -> (Flood, std::thread::JoinHandle<()>) {
        let flood = Flood { port: Arc::default(), sent: Arc::default(), stop: Arc::default() };
        let (port, sent, stop) = (flood.port.clone(), flood.sent.clone(), flood.stop.clone());
        let socket = Plain::bind("127.0.0.1:0").unwrap();
        let address = lonely();
        let thread = std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let port = port.load(Ordering::Relaxed);
                // Refused while the port is closed, which is part of it.
                let _ = socket.send_to(&[0xee; 200], (address, port.max(1)));
                sent.fetch_add(1, Ordering::Relaxed);
            }
        });
        // A thread maps memory for itself when it begins, which may come to lie where slices have just been.
        flood.goes_on(1);
        (flood, thread)
    }

    /// Sends no more to the port it was told, which may be another test's from here on.
    fn turns_away(&self) {
        self.port.store(0, Ordering::Relaxed);
        // One may be on its way, with the number that was read before.
        self.goes_on(2);
    }

    /// Waits until so many more were sent.
    fn goes_on(&self, more: u64) {
        let end = self.sent.load(Ordering::Relaxed) + more;
        until("the flood", || (self.sent.load(Ordering::Relaxed) >= end).then_some(()));
    }
}

fn every_order(choice: BackendChoice) {
    let (flood, thread) = Flood::start();
    let orders = permutations(&[0, 1, 2, 3, 4]);
    assert_eq!(orders.len(), 120);
    // What is opened once a process is open before anything is counted.
    drop(builder(choice, 1).event().unwrap());
    let before = descriptors();
    for order in &orders {
        for way in [Way::Payload, Way::Addresses, Way::Chains, Way::OwnMemory] {
            one_order(choice, order, way, &flood);
            assert_eq!(descriptors(), before, "{order:?} {way:?}");
        }
    }
    flood.stop.store(true, Ordering::Relaxed);
    thread.join().unwrap();
}

fn one_order(choice: BackendChoice, order: &[usize], way: Way, flood: &Flood) {
    let mut pages = Pages::new(64 * 256);
    let pool = if way == Way::OwnMemory { pages.pool(256) } else { pool(256, 64) };
    let bytes = pool.figures().registered_bytes;
    let everything = Everything::in_flight(choice, pool, way, flood);
    let (region, address) = (everything.region, everything.address);
    everything.drop_in(order);

    let _no_copies = no_child_starts();
    assert!(is_free(address), "{order:?} {way:?}");
    let again = UdpSocket::bind(address).unwrap();
    if way == Way::OwnMemory {
        pages.fill(0x5a);
        flood.goes_on(20);
        assert!(pages.is_full_of(0x5a), "{order:?}: written to after everything was dropped");
    } else {
        // Its pages are free, which they are only when all slices came home; and what stands there now
        // can be written by nobody.
        let guard = Pages::forbidden_at(region, bytes);
        assert!(guard.is_some(), "{order:?} {way:?}: {region:#x} is still mapped\n{}", maps());
        flood.goes_on(5);
    }
    flood.turns_away();
    drop(again);
}

/// What this process has mapped: if something else stands where the slices were, this tells what.
fn maps() -> String {
    std::fs::read_to_string("/proc/self/maps").unwrap_or_default()
}

/// The five things that are dropped, with receives and sends in flight.
struct Everything {
    pool: Option<BufferPool>,
    kept: Option<BufferMut>,
    requests: Option<RequestQueue>,
    queue: Option<CompletionQueue<Event>>,
    socket: Option<UdpSocket>,
    /// Where the slices begin.
    region: usize,
    address: std::net::SocketAddr,
}

impl Everything {
    fn in_flight(choice: BackendChoice, pool: BufferPool, way: Way, flood: &Flood) -> Everything {
        let socket = UdpSocket::bind((lonely(), 0)).unwrap();
        let address = socket.local_addr().unwrap();
        let mut queue = builder(choice, 48).event().unwrap();
        let requests = RequestQueue::new(&socket, &queue, &queue, limits(32, 16), 0).unwrap();
        let kept = pool.take_with(b"kept out").unwrap();
        let region = kept.as_ptr() as usize - kept.offset();
        for token in 0..16 {
            match way {
                Way::Payload | Way::OwnMemory => requests.receive(pool.take().unwrap(), token).unwrap(),
                Way::Addresses => requests.receive_from(pool.take().unwrap(), token).unwrap(),
                Way::Chains => {
                    let chain: ChainMut = (0..2).map(|_| pool.take().unwrap()).collect();
                    requests.receive(chain, token).unwrap();
                }
            }
        }
        let committer = requests.committer().unwrap();
        let peer = "127.0.0.1:9".parse().unwrap();
        requests.send_to(pool.take_with(b"sent").unwrap(), peer, 20).unwrap();
        requests.send_with(pool.take_with(b"deferred").unwrap(), Send::new().to(peer).defer(), 21).unwrap();
        // Receives are in the kernel, some are completed and dequeued, some are not, more come.
        flood.port.store(address.port(), Ordering::Relaxed);
        let mut some = Completions::with_capacity(3);
        until("the first completions", || Some(()).filter(|()| queue.dequeue(&mut some) > 0));
        queue.notify().unwrap();
        queue.event().unwrap();
        committer.commit();
        let (pool, kept, requests) = (Some(pool), Some(kept), Some(requests));
        Everything { pool, kept, requests, queue: Some(queue), socket: Some(socket), region, address }
    }

    fn drop_in(mut self, order: &[usize]) {
        for place in order {
            match place {
                0 => self.pool = None,
                1 => self.kept = None,
                2 => self.requests = None,
                3 => self.queue = None,
                _ => self.socket = None,
            }
        }
    }
}

fn permutations(of: &[usize]) -> Vec<Vec<usize>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let first = |index: usize| {
        let rest: Vec<_> = of.iter().copied().filter(|place| *place != of[index]).collect();
        permutations(&rest).into_iter().map(move |tail| [vec![of[index]], tail].concat())
    };
    (0..of.len()).flat_map(first).collect()
}
