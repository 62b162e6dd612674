//! What an idle connection costs a TCP server on the heap: counted by the allocator of this program.
//!
//! Alone in its program, and one test, so that nobody else allocates meanwhile.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "common/backends/mod.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "the suites use the rest")]
mod backends;
#[path = "common/designs.rs"]
#[expect(dead_code, reason = "these designs are all offered")]
mod designs;
#[path = "common/system/mod.rs"]
mod system;

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use designs::KINDS;
use ringport::server::tcp::TcpRunning;
use ringport::{BackendChoice, Design, TcpServer};

struct Counting;

/// Bytes that are allocated now.
static LIVE: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const CONNECTIONS: usize = 2000;
/// What the documentation of `TcpServer` promises for a connection, and for its place in a server.
const MOST: usize = 1024 + OF_WINDOWS;
const MOST_ON_A_PORT: usize = 3200 + OF_WINDOWS;
const MOST_OF_A_PLACE: usize = 256;
const MOST_OF_A_PLACE_ON_A_PORT: usize = 1280;

/// What a connection has beside on Windows: the places of its operations, which the system writes to.
const OF_WINDOWS: usize = if cfg!(windows) { 640 } else { 0 };

/// Whether what is counted is the library's own, and promised.
fn is_promised(backend: BackendChoice) -> bool {
    let is_promised = backend != BackendChoice::Rio;
    if !is_promised {
        eprintln!(
            "skipped: {backend}: no figure is promised, and the stand-in table's own memory would be counted, too"
        );
    }
    is_promised
}

fn connect(running: &TcpRunning, count: usize, clients: &mut Vec<TcpStream>) {
    for _ in 0..count {
        let client = TcpStream::connect(running.local_addr()).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        clients.push(client);
        // No more at a time than a listener keeps for its server.
        if clients.len().is_multiple_of(64) {
            all_there(running, clients.len());
        }
    }
    all_there(running, clients.len());
}

fn all_there(running: &TcpRunning, count: usize) {
    let start = Instant::now();
    while running.handle().counters().open < count as u64 {
        assert!(start.elapsed() < Duration::from_secs(60), "they are not accepted");
        std::thread::yield_now();
    }
}

/// Each connection sends a message and has it back.
fn talk(clients: &mut [TcpStream]) {
    let mut back = [0; 100];
    for client in clients {
        client.write_all(&[7; 100]).unwrap();
        client.read_exact(&mut back).unwrap();
    }
}

#[test]
fn an_idle_connection_costs_no_more_than_promised() {
    // Both ends of all connections.
    if !system::descriptors_for(2 * CONNECTIONS + 200) {
        return;
    }
    for design in KINDS {
        for backend in backends::present().filter(|backend| is_promised(*backend)) {
            let threads = if design.takes_threads() { 2 } else { 1 };
            let mut clients = Vec::with_capacity(CONNECTIONS);
            let before = LIVE.load(Ordering::Relaxed);
            let server =
                TcpServer::bind("127.0.0.1:0").unwrap().backend(backend).max_connections(CONNECTIONS);
            let running = server.design(design).threads(threads).start(|message| _ = message.echo()).unwrap();
            let started = LIVE.load(Ordering::Relaxed);
            connect(&running, CONNECTIONS, &mut clients);
            let idle = LIVE.load(Ordering::Relaxed);
            talk(&mut clients);
            let talked = LIVE.load(Ordering::Relaxed);
            let each = |bytes: usize| bytes / CONNECTIONS;
            let counters = running.handle().counters();
            eprintln!(
                "{design} over {backend}: {} bytes a connection: {} for its place, {} when it came, {} with its \
                 first message",
                each(talked - before),
                each(started - before),
                each(idle - started),
                each(talked - idle),
            );
            let (most, most_of_a_place) = match design {
                Design::Hybrid => (MOST_ON_A_PORT, MOST_OF_A_PLACE_ON_A_PORT),
                _ => (MOST, MOST_OF_A_PLACE),
            };
            assert!(each(talked - started) < most, "{design} over {backend}");
            assert!(each(started - before) < most_of_a_place, "{design} over {backend}");
            assert_eq!(counters.open, CONNECTIONS as u64);
            let start = Instant::now();
            while running.handle().counters().slices_used > 0 {
                assert!(start.elapsed() < Duration::from_secs(60), "an idle connection has a slice");
                std::thread::yield_now();
            }
            drop(clients);
            running.stop().unwrap();
        }
    }
}
