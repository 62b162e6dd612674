//! The figures add up, while the server runs and at its end.

use std::time::Duration;

use ringport::server::{Counters, Results};
use ringport::{BufferPool, Design, Lock, UdpServer};

use crate::until::until;
use crate::ways::{client, next, sink, ways};

fn add_up(counters: &Counters) {
    for thread in &counters.threads {
        let results = &thread.results;
        assert_eq!(results.histogram.iter().sum::<u64>(), results.dequeues);
        assert_eq!(results.total, thread.datagrams);
        assert!(results.min <= results.max && results.max <= thread.datagrams);
        assert!(results.mean() >= results.min as f64 && results.mean() <= results.max as f64);
        let (most, _) = Results::range(Results::bucket(results.max));
        assert!(most <= results.max.max(1));
        assert_eq!(thread.replies_sent + thread.replies_dropped, thread.replies_promised);
    }
    let sum =
        |field: fn(&ringport::server::ThreadCounters) -> u64| counters.threads.iter().map(field).sum::<u64>();
    assert_eq!(counters.total.datagrams, sum(|thread| thread.datagrams));
    assert_eq!(counters.total.bytes, sum(|thread| thread.bytes));
    assert_eq!(counters.total.results.dequeues, sum(|thread| thread.results.dequeues));
    assert_eq!(counters.total.notifications, sum(|thread| thread.notifications));
}

#[test]
fn at_the_end_they_are_exact() {
    for way in ways() {
        let server = way.start(|datagram| datagram.reply());
        let client = client();
        for round in 0..100usize {
            for _ in 0..=round % 8 {
                client.send_to(&vec![0; round], server.local_addr()).unwrap();
            }
            (0..=round % 8).for_each(|_| _ = next(&client));
        }
        let report = server.stop().unwrap();
        let counters = &report.counters;
        add_up(counters);
        let sent: usize = (0..100).map(|round| round % 8 + 1).sum();
        let bytes: usize = (0..100).map(|round| (round % 8 + 1) * round).sum();
        assert_eq!((counters.total.datagrams, counters.total.bytes), (sent as u64, bytes as u64), "{way}");
        assert_eq!(counters.dropped_by_socket, 0, "{way}");
        let total = &counters.total;
        // Windows counts it in ticks, of which so little work may have had none.
        assert!(cfg!(windows) || total.cpu_user + total.cpu_system > Duration::ZERO, "{way}");
        if way.design.is_registered() {
            assert!(total.system_calls > 0, "{way}");
        }
        // One that dequeues first may find something each time; one that always waits is always notified.
        let name = way.design.to_string();
        let always_notified = name.ends_with("event") || way.design.is_on_port();
        assert!(total.notifications > 0 || !always_notified, "{way}");
        assert!(total.notifications == 0 || always_notified || name.ends_with("event-polled"), "{way}");
        let text = report.to_string();
        assert!(text.contains(&way.design.to_string()) && text.contains(&sent.to_string()), "{text}");
    }
}

#[test]
fn they_can_be_read_while_it_runs() {
    for way in ways() {
        let server = way.start(|datagram| datagram.reply());
        let handle = server.handle();
        let client = client();
        // Windows does not count them.
        let waits = way.design == Design::Event && !cfg!(windows);
        let mut rounds = 0;
        // On a busy machine each of twenty datagrams may be there before the thread waits for it.
        while rounds < 20 || waits && handle.counters().total.voluntary_switches == 0 {
            client.send_to(b"four", server.local_addr()).unwrap();
            next(&client);
            rounds += 1;
            // The reply may arrive before the thread has noted the batch.
            until("it is noted", || (handle.counters().total.datagrams == rounds).then_some(()));
        }
        let counters = handle.counters();
        assert!(counters.registered_bytes > 0 && counters.lock_state.is_some(), "{way}");
        server.stop().unwrap();
        assert_eq!(handle.counters().total.bytes, 4 * rounds, "{way}");
    }
}

#[test]
fn what_the_socket_has_no_room_for_is_counted_there() {
    if cfg!(windows) {
        return eprintln!("skipped: Windows counts no losses of a socket");
    }
    for way in ways() {
        let server = way.server().socket_buffer(4096);
        let address = server.local_addr();
        let (release, released) = std::sync::mpsc::channel::<()>();
        let released = std::sync::Mutex::new(released);
        let server = server.pending(1).start(move |_| {
            let _ = released.lock().unwrap().recv();
        });
        let server = server.unwrap();
        let client = client();
        let mut sent = 0;
        while server.handle().counters().dropped_by_socket == 0 {
            client.send_to(&[0; 1000], address).unwrap();
            sent += 1;
        }
        server.handle().stop();
        drop(release);
        let report = server.join().unwrap();
        assert!(report.socket_buffer_granted <= 4096, "{way}");
        assert_eq!(report.counters.total.datagrams + report.counters.dropped_by_socket, sent, "{way}");
    }
}

/// What the system gives memory by multiples of.
const STEP: usize = if cfg!(windows) { 65_536 } else { 4096 };
/// What the documentation says of it: for a thread without receive offload and with it, on a port likewise, and for a
/// blocking thread.
const STATED: [usize; 5] = if cfg!(windows) {
    [589_824, 4_849_664, 4_587_520, 9_043_968, 196_608]
} else {
    [573_440, 4_780_032, 4_587_520, 8_986_624, 143_360]
};

#[test]
fn the_memory_of_the_defaults_is_what_the_documentation_says() {
    let headroom = BufferPool::builder().slices_per_region(1).build().unwrap().headroom();
    let pool = |slices: usize, size: usize| (slices * (size + headroom)).next_multiple_of(STEP);
    let [thread, port, blocking] = [256, 2048, 64].map(|slices| pool(slices, 2048));
    let [runs, port_runs] = [64, 128].map(|slices| thread + pool(slices, 65_536));
    assert_eq!([thread, runs, port, port_runs, blocking], STATED);
    let registered = |design: Design, offload: bool| {
        let server = UdpServer::bind("127.0.0.1:0").unwrap().design(design).lock(Lock::Off);
        let server = if offload { server } else { server.receive_offload(false) };
        let server = if design == Design::Hybrid { server.threads(3) } else { server };
        server.start(sink).unwrap().handle().counters().registered_bytes
    };
    if ringport::net::gro_supported() {
        assert_eq!(registered(Design::default(), true), runs);
        assert_eq!(registered(Design::Hybrid, true), port_runs);
    } else {
        eprintln!("skipped: this system has no receive offload");
    }
    assert_eq!(registered(Design::default(), false), thread);
    assert_eq!(registered(Design::Hybrid, false), port);
    assert_eq!(registered(Design::Blocking, true), blocking);
}
