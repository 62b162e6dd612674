//! The thread that carries packets between two devices.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::weather::{Traffic, Weather};
use crate::common::Random;

/// How often it looks whether it is to end.
const LOOK: Duration = Duration::from_millis(20);

/// See the module; it ends when this is dropped.
pub(super) struct Relay {
    books: Arc<Mutex<Books>>,
    thread: Option<JoinHandle<()>>,
}

struct Books {
    /// Each way has its own.
    weather: [Weather; 2],
    traffic: [Traffic; 2],
    /// How often it looked everywhere, and nothing was there or under way.
    empty_rounds: usize,
    over: bool,
}

/// A packet under way, ordered by when it is due, and then by when it came.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Parcel {
    due: Instant,
    number: usize,
    way: usize,
    bytes: Vec<u8>,
}

impl Relay {
    pub(super) fn start(near: File, far: File, seed: u64, weather: Weather) -> Relay {
        let weather = [weather.clone(), weather];
        let books = Arc::new(Mutex::new(Books {
            weather,
            traffic: Default::default(),
            empty_rounds: 0,
            over: false,
        }));
        let road = Road {
            ends: [near, far],
            books: Arc::clone(&books),
            random: [Random::new(seed), Random::new(!seed)],
            parcels: BinaryHeap::new(),
            last: [0; 2],
        };
        Relay { books, thread: Some(std::thread::spawn(|| road.carry())) }
    }

    pub(super) fn change(&self, way: usize, weather: Weather) {
        self.books.lock().unwrap().weather[way] = weather;
    }

    pub(super) fn empty_rounds(&self) -> usize {
        self.books.lock().unwrap().empty_rounds
    }

    pub(super) fn traffic(&self) -> [Traffic; 2] {
        self.books.lock().unwrap().traffic
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.books.lock().unwrap().over = true;
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || matches!(ended, Some(Ok(()))));
    }
}

struct Road {
    /// A packet that is read from one end is written to the other.
    ends: [File; 2],
    books: Arc<Mutex<Books>>,
    /// One for each way: the ways do not change each other's luck.
    random: [Random; 2],
    parcels: BinaryHeap<Reverse<Parcel>>,
    /// The highest number that arrived, each way.
    last: [usize; 2],
}

impl Road {
    fn carry(mut self) {
        while !self.books.lock().unwrap().over {
            self.wait();
            let came = [self.collect(0), self.collect(1)];
            if came == [0, 0] && self.parcels.is_empty() {
                self.books.lock().unwrap().empty_rounds += 1;
            }
            self.deliver();
        }
    }

    /// Until a packet comes or is due.
    fn wait(&self) {
        let until_due = |parcel: &Reverse<Parcel>| parcel.0.due.saturating_duration_since(Instant::now());
        let time = self.parcels.peek().map_or(LOOK, until_due).min(LOOK);
        // To the next millisecond: to look too early again and again would cost more than to be late.
        let time = PollTimeout::try_from(time + Duration::from_micros(999)).unwrap();
        let mut watched =
            [&self.ends[0], &self.ends[1]].map(|end| PollFd::new(end.as_fd(), PollFlags::POLLIN));
        poll(&mut watched, time).unwrap();
    }

    /// Takes what came one way; returns how many packets that were.
    fn collect(&mut self, way: usize) -> usize {
        let mut came = 0;
        let mut bytes = vec![0; 65_536];
        while let Ok(length) = (&self.ends[way]).read(&mut bytes) {
            came += 1;
            // What the devices say of their own accord, over IPv6, is no traffic.
            if length == 0 || bytes[0] >> 4 != 4 {
                continue;
            }
            let mut books = self.books.lock().unwrap();
            let delays = books.weather[way].draw(&mut self.random[way]);
            let traffic = &mut books.traffic[way];
            traffic.sent += 1;
            traffic.lost += usize::from(delays.is_empty());
            traffic.doubled += usize::from(delays.len() > 1);
            let number = traffic.sent;
            drop(books);
            for delay in delays {
                let due = Instant::now() + delay;
                self.parcels.push(Reverse(Parcel { due, number, way, bytes: bytes[..length].to_vec() }));
            }
        }
        came
    }

    /// Passes on what is due.
    fn deliver(&mut self) {
        let now = Instant::now();
        while let Some(Reverse(parcel)) = self.parcels.pop() {
            if parcel.due > now {
                self.parcels.push(Reverse(parcel));
                return;
            }
            (&self.ends[1 - parcel.way]).write_all(&parcel.bytes).unwrap();
            let last = &mut self.last[parcel.way];
            let traffic = &mut self.books.lock().unwrap().traffic[parcel.way];
            traffic.arrived += 1;
            traffic.overtaken += usize::from(parcel.number < *last);
            *last = parcel.number.max(*last);
        }
    }
}
