//! The orderly stop: idle connections end, what is half received is finished, patience has an end.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use ringport::BackendChoice;
use ringport::server::StopReason;
use ringport::server::tcp::Message;
use ringport::server::tcp::framing::Delimiter;

use crate::common::lonely::lonely;
use crate::common::{on_each_backend, until};
use crate::designs::KINDS;
use crate::rig::{connect, counters_become, designs, fill, reset_may_be_an_end, server, server_at};

on_each_backend!(
    idle_connections_end_and_half_a_message_is_finished,
    who_never_finishes_is_reset,
    a_handler_may_stop_the_server,
    a_panic_stops_the_server_and_is_told,
    the_port_is_free_afterwards,
    the_last_peer_that_leaves_ends_the_stop,
    what_was_answered_arrives_although_more_was_asked,
);

const LONG: Duration = Duration::from_secs(3600);

fn idle_connections_end_and_half_a_message_is_finished(choice: BackendChoice) {
    for design in designs() {
        let server = server(choice, design).framing(Delimiter::new(b'\n', 100));
        let running = server.start(|message: Message<'_>| message.echo().unwrap()).unwrap();
        let (mut idle, mut half) = (connect(&running), connect(&running));
        half.write_all(b"hel").unwrap();
        counters_become(&running, "both are there", |counters| counters.received == 3 && counters.open == 2);
        let handle = running.handle();
        handle.stop();
        assert_eq!(idle.read(&mut [0; 8]).unwrap(), 0, "{design}");
        drop(idle);
        until("one is left", || (handle.counters().open == 1).then_some(()));
        half.write_all(b"lo\n").unwrap();
        half.read_exact(&mut [0; 5]).unwrap();
        drop(half);
        let report = running.join().unwrap();
        assert_eq!((report.stopped_by, report.counters.open), (StopReason::Handle, 0));
    }
}

fn who_never_finishes_is_reset(choice: BackendChoice) {
    for design in designs() {
        let server = server(choice, design).framing(Delimiter::new(b'\n', 100));
        let server = server.stop_timeout(Duration::from_millis(20));
        let running = server.start(|message: Message<'_>| message.echo().unwrap()).unwrap();
        let mut half = connect(&running);
        half.write_all(b"hel").unwrap();
        counters_become(&running, "it is there", |counters| counters.received == 3);
        let report = running.stop().unwrap();
        assert_eq!(report.counters.close_deadline, 1, "{design}");
        assert!(half.read(&mut [0; 8]).is_err() || reset_may_be_an_end(), "{design}");
    }
}

fn a_handler_may_stop_the_server(choice: BackendChoice) {
    for design in designs() {
        let running = server(choice, design)
            .start(|mut message: Message<'_>| message.connection().stop_server())
            .unwrap();
        let mut stream = connect(&running);
        stream.write_all(b"stop").unwrap();
        assert_eq!(running.join().unwrap().stopped_by, StopReason::Handler, "{design}");
    }
}

fn a_panic_stops_the_server_and_is_told(choice: BackendChoice) {
    for design in designs() {
        let running = server(choice, design).start(|_| panic!("no such luck")).unwrap();
        let mut stream = connect(&running);
        stream.write_all(b"x").unwrap();
        let error = running.join().unwrap_err().to_string();
        assert!(error.contains("no such luck"), "{design}: {error}");
    }
}

fn the_port_is_free_afterwards(choice: BackendChoice) {
    for design in designs() {
        let running =
            server_at((lonely(), 0), choice, design).start(|message| message.echo().unwrap()).unwrap();
        let address = running.local_addr();
        let stream = connect(&running);
        counters_become(&running, "it is there", |counters| counters.open == 1);
        running.stop().unwrap();
        drop(stream);
        assert!(TcpStream::connect(address).is_err(), "{design}: nobody listens");
    }
}

/// However long it may take: once nobody is left, nothing is waited for.
fn the_last_peer_that_leaves_ends_the_stop(choice: BackendChoice) {
    for design in KINDS {
        let server = server(choice, design).stop_timeout(LONG).close_timeout(LONG);
        let running = server.start(|message| message.reply(&[b'y'; 4000]).unwrap()).unwrap();
        let stream = connect(&running);
        fill(&stream, &running);
        running.handle().stop();
        drop(stream);
        let ended = std::thread::spawn(|| running.join().unwrap());
        until("the end of the server", || ended.is_finished().then_some(()));
        assert_eq!(ended.join().unwrap().counters.open, 0, "{design}");
    }
}

fn what_was_answered_arrives_although_more_was_asked(choice: BackendChoice) {
    for design in KINDS {
        let running = server(choice, design).start(|message| message.reply(&[b'y'; 4000]).unwrap()).unwrap();
        let mut stream = connect(&running);
        fill(&stream, &running);
        running.handle().stop();
        stream.set_nonblocking(false).unwrap();
        let mut got = Vec::new();
        let ended = stream.read_to_end(&mut got);
        let counters = running.join().unwrap().counters;
        assert!(ended.is_ok(), "{design}: {ended:?} after {} bytes: {counters:?}", got.len());
        assert_eq!((got.len() as u64, counters.close_deadline), (counters.sent, 0), "{design}");
    }
}
