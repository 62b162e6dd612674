//! Datagrams over a network that loses, delays, doubles and reorders them: a client that asks again gets every
//! answer, and all counters add up, from one end to the other.
//!
//! On Linux only: it takes namespaces of networks.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use ringport::queue::{Event, Operation};
use ringport::{
    BackendChoice, BufferPool, CompletionQueue, Completions, RequestQueue, UdpServer, UdpSocket, WaitOutcome,
};

use crate::alone::alone_on_each_backend;
use crate::common::rig::{builder, bytes, limits, pool};
use crate::network::{FAR, NEAR, Network, Weather};
use crate::ways::ways;

alone_on_each_backend!(in two networks:
    every_question_is_answered_in_foul_weather,
    the_road_is_cut_for_a_while,
    a_filter_drops_every_fourth,
);

const QUESTIONS: u64 = 150;
/// How many of them are open at a time.
const AT_ONCE: usize = 8;
/// How long a client waits before it asks again.
const PATIENCE: Duration = Duration::from_millis(15);

/// A client in the library's own terms, that asks again until it is answered.
struct Client {
    requests: RequestQueue,
    queue: CompletionQueue<Event>,
    completions: Completions,
    pool: BufferPool,
    /// Questions that are not answered yet.
    open: BTreeSet<u64>,
    /// How often it asked, and was answered.
    asked: usize,
    answered: usize,
}

impl Client {
    fn new(choice: BackendChoice) -> Client {
        let queue = builder(choice, 64).event().unwrap();
        let socket = UdpSocket::bind((NEAR, 0)).unwrap();
        let requests = RequestQueue::new(&socket, &queue, &queue, limits(32, 32), 0).unwrap();
        let client = Client {
            requests,
            queue,
            completions: Completions::with_capacity(64),
            pool: pool(64, 64),
            open: BTreeSet::new(),
            asked: 0,
            answered: 0,
        };
        (0..32).for_each(|token| client.requests.receive(client.pool.take().unwrap(), token).unwrap());
        client
    }

    /// Asks all questions, a few at a time, and again until each is answered.
    fn ask_all(&mut self, address: SocketAddr) {
        let mut next = 0;
        while next < QUESTIONS || !self.open.is_empty() {
            while next < QUESTIONS && self.open.len() < AT_ONCE {
                self.ask(next, address);
                self.open.insert(next);
                next += 1;
            }
            self.queue.notify().unwrap_or_default();
            match self.queue.wait(Some(PATIENCE)).unwrap() {
                WaitOutcome::Fired => self.read(),
                _ => self.open.clone().into_iter().for_each(|number| self.ask(number, address)),
            }
        }
    }

    fn ask(&mut self, number: u64, address: SocketAddr) {
        let question = self.pool.take_with(&number.to_le_bytes()).unwrap();
        self.requests.send_to(question, address, number).unwrap();
        self.asked += 1;
    }

    /// Takes what is there.
    fn read(&mut self) {
        self.queue.dequeue(&mut self.completions);
        for completion in self.completions.drain() {
            if completion.operation() == Operation::Send {
                assert_eq!(completion.result().unwrap(), 8);
                continue;
            }
            // Answers come late, and twice, but each is that to a question.
            let answer = u64::from_le_bytes(bytes(&completion).try_into().unwrap());
            assert!(answer < QUESTIONS, "{answer} was never asked");
            self.open.remove(&answer);
            self.answered += 1;
            self.requests.receive(completion.into_unique().unwrap(), 0).unwrap();
        }
    }
}

fn every_question_is_answered_in_foul_weather(choice: BackendChoice) -> Vec<BufferPool> {
    let mut pools = Vec::new();
    for (seed, way) in (1..).zip(ways().into_iter().filter(|way| way.backend == choice)) {
        let network = Network::new(seed, Weather::FOUL).unwrap();
        let server =
            network.over_there(|| way.bind(&format!("{FAR}:0")).start(|datagram| datagram.reply()).unwrap());
        let mut client = Client::new(choice);
        client.ask_all(server.local_addr());
        network.settle();
        let total = server.stop().unwrap().counters.total;
        network.settle();
        let [there, back] = network.traffic();
        // The weather was as bad as it was meant to be.
        assert!(there.lost > 0 && there.doubled > 0 && there.overtaken > 0, "{way}: {there:?}");
        assert!(back.lost > 0 && back.doubled > 0 && back.overtaken > 0, "{way}: {back:?}");
        assert!(client.asked > QUESTIONS as usize, "{way}");
        crate::common::until("the last answers", || {
            client.read();
            (client.answered == back.arrived).then_some(())
        });
        assert_eq!((client.asked, there.arrived), (there.sent, total.datagrams as usize), "{way}");
        assert_eq!((total.replies_promised, total.replies_sent), (total.datagrams, total.datagrams), "{way}");
        assert_eq!((total.failed, back.sent), (0, total.replies_sent as usize), "{way}");
        pools.push(client.pool.clone());
    }
    pools
}

fn the_road_is_cut_for_a_while(choice: BackendChoice) -> Vec<BufferPool> {
    let network = Network::new(0, Weather::CUT).unwrap();
    let server = network.over_there(|| {
        let server = UdpServer::bind((FAR, 0)).unwrap().backend(choice);
        server.start(|datagram| datagram.reply()).unwrap()
    });
    let mut client = Client::new(choice);
    (0..20).for_each(|number| client.ask(number, server.local_addr()));
    // The sends complete, and then nothing comes.
    while client.queue.notify().is_ok() && client.queue.wait(Some(PATIENCE)).unwrap() == WaitOutcome::Fired {
        client.read();
    }
    network.settle();
    assert_eq!((network.traffic()[0].lost, client.answered), (20, 0));
    network.change(Weather::FAIR);
    client.ask_all(server.local_addr());
    // Of those that were asked again in haste some may still be on the road.
    network.settle();
    assert_eq!(server.stop().unwrap().counters.total.datagrams as usize, client.asked - 20);
    vec![client.pool.clone()]
}

/// Has the filter of the calling thread's network do something; what it says, or why there is none.
fn filter(words: &str) -> Result<String, String> {
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
    let output = Command::new("nft").env("PATH", path).args(words.split(' ')).output();
    let output = output.map_err(|error| format!("no nft, which the package nftables has: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn a_filter_drops_every_fourth(choice: BackendChoice) -> Vec<BufferPool> {
    let network = Network::new(0, Weather::FAIR).unwrap();
    let rules = [
        "add table ip faults",
        "add chain ip faults arriving { type filter hook input priority 0 ; }",
        "add rule ip faults arriving udp length > 8 numgen inc mod 4 == 3 counter drop",
    ];
    let refused = network.over_there(|| rules.iter().find_map(|rule| filter(rule).err()));
    if let Some(reason) = refused {
        eprintln!("skipped: {reason}");
        return Vec::new();
    }
    let server = network.over_there(|| {
        let server = UdpServer::bind((FAR, 0)).unwrap().backend(choice);
        server.start(|datagram| datagram.reply()).unwrap()
    });
    let mut client = Client::new(choice);
    client.ask_all(server.local_addr());
    network.settle();
    let total = server.stop().unwrap().counters.total;
    let said = network.over_there(|| filter("list table ip faults")).unwrap();
    let (_, counted) = said.split_once("counter packets ").unwrap();
    let dropped: u64 = counted.split(' ').next().unwrap().parse().unwrap();
    assert!(dropped >= QUESTIONS / 4, "{said}");
    assert_eq!(total.datagrams + dropped, network.traffic()[0].arrived as u64);
    assert_eq!((total.datagrams, client.asked as u64), (total.replies_sent, total.datagrams + dropped));
    vec![client.pool.clone()]
}
