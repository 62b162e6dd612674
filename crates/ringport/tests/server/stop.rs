//! The orderly stop: what was received is handled, what was promised is sent, whoever asks for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use ringport::server::StopReason;
use ringport::{UdpServer, UdpSocket};

use crate::lonely::{becomes_free, lonely_port};
use crate::ways::{client, next, ways};

#[test]
fn a_handler_stops_the_server_and_all_that_was_received_is_still_handled() {
    for way in ways() {
        let client = client();
        let server = way.server();
        let server = if way.design.takes_threads() { server.threads(1) } else { server };
        for number in 0..100u8 {
            client.send_to(&[number], server.local_addr()).unwrap();
        }
        let report = server
            .run(|datagram| {
                if datagram.payload() == [0] {
                    datagram.stop();
                }
                datagram.reply();
            })
            .unwrap();
        assert_eq!(report.stopped_by, StopReason::Handler, "{way}");
        assert_eq!(report.counters.total.replies_sent, 100, "{way}");
        for number in 0..100u8 {
            assert_eq!(next(&client).0, [number], "{way}");
        }
    }
}

#[test]
fn a_handle_stops_the_server_and_all_that_was_received_is_still_handled() {
    for way in ways() {
        let (release, released) = mpsc::channel::<()>();
        let released = Mutex::new(released);
        let server = way.start(move |datagram| {
            // Until the first datagrams are let go, the sockets fill.
            let _ = released.lock().unwrap().recv();
            datagram.reply();
        });
        let clients: Vec<_> = (0..8).map(|_| client()).collect();
        for client in &clients {
            (0..20u8).for_each(|number| _ = client.send_to(&[number], server.local_addr()).unwrap());
        }
        let handle = server.handle();
        handle.stop();
        assert!(handle.is_stopping());
        drop(release);
        let report = server.join().unwrap();
        assert_eq!(report.stopped_by, StopReason::Handle, "{way}");
        let total = &report.counters.total;
        assert_eq!((total.datagrams, total.replies_sent, total.replies_dropped), (160, 160, 0), "{way}");
        for client in &clients {
            let mut answers: Vec<_> = (0..20).map(|_| next(client).0[0]).collect();
            answers.sort_unstable();
            assert_eq!(answers, (0..20).collect::<Vec<_>>(), "{way}");
        }
    }
}

#[test]
fn under_load_every_datagram_is_handled_or_counted_as_lost() {
    if cfg!(windows) {
        return eprintln!("skipped: Windows counts no losses of a socket");
    }
    for way in ways().into_iter().filter(|way| !way.design.is_sharded()) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        // The same socket once more, which goes on counting when the server has ended.
        let same = socket.clone();
        let address = socket.local_addr().unwrap();
        let server = UdpServer::from_socket(socket).unwrap().design(way.design).backend(way.backend);
        let handler = |datagram: ringport::Datagram<'_>| datagram.reply();
        let server = server.pending(64).start(handler).unwrap();
        let on = Arc::new(AtomicBool::new(true));
        let floods: Vec<_> = (0..2)
            .map(|_| {
                let (on, client) = (Arc::clone(&on), client());
                thread::spawn(move || {
                    let mut sent = 0u64;
                    while on.load(Ordering::Relaxed) {
                        sent += u64::from(client.send_to(&[0; 100], address).is_ok());
                    }
                    sent
                })
            })
            .collect();
        let handle = server.handle();
        while handle.counters().total.datagrams < 20_000 {
            thread::yield_now();
        }
        let report = server.stop().unwrap();
        on.store(false, Ordering::Relaxed);
        let sent: u64 = floods.into_iter().map(|flood| flood.join().unwrap()).sum();
        let total = &report.counters.total;
        assert_eq!(total.replies_promised, total.datagrams, "{way}");
        assert_eq!(total.replies_sent + total.replies_dropped, total.replies_promised, "{way}");
        assert_eq!(total.replies_dropped, 0, "{way}");
        let deadline = Instant::now() + Duration::from_secs(60);
        // Lost in the socket before the stop, or refused by it after: nothing else may be missing.
        while total.datagrams + u64::from(same.drops().unwrap()) != sent {
            let drops = same.drops().unwrap();
            assert!(
                Instant::now() < deadline,
                "{way}: {sent} sent, {} handled, {drops} lost",
                total.datagrams
            );
            thread::yield_now();
        }
    }
}

#[test]
fn a_server_stopped_before_it_runs_handles_what_it_was_sent() {
    for way in ways() {
        let server = way.server();
        let client = client();
        client.send_to(b"early", server.local_addr()).unwrap();
        server.handle().stop();
        client.send_to(b"too late", server.local_addr()).unwrap();
        let report = server.run(|datagram| datagram.reply()).unwrap();
        // Nothing keeps datagrams out of a bound socket of Windows, and another thread may be the first to answer.
        let handled = report.counters.total.datagrams;
        assert!(handled == 1 || cfg!(windows) && handled == 2, "{way}: {handled}");
        let answers: Vec<_> = (0..handled).map(|_| next(&client).0).collect();
        assert!(answers.contains(&b"early".to_vec()), "{way}: {answers:?}");
    }
}

#[test]
fn dropping_a_running_server_stops_it() {
    for way in ways() {
        let server = way.bind(&lonely_port()).start(|datagram| datagram.reply()).unwrap();
        let handle = server.handle();
        drop(server);
        assert!(handle.is_stopping(), "{way}");
        becomes_free(handle.local_addr());
    }
}
