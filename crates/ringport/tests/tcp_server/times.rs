//! Deadlines: of silence, of a message, of the end.

use std::io::{Read, Write};
use std::mem::replace;
use std::time::{Duration, Instant};

use ringport::BackendChoice;
use ringport::server::tcp::Message;
use ringport::server::tcp::framing::{Delimiter, FixedLength};

use crate::common::{on_each_backend, until};
use crate::designs::KINDS;
use crate::rig::{connect, counters_become, designs, server};

on_each_backend!(
    silence_ends_a_connection,
    a_message_that_takes_too_long_ends_it,
    a_peer_that_does_not_read_to_the_end_is_reset,
    messages_in_time_go_on_although_one_is_always_begun,
);

/// Long enough for an exchange, also where each goes through another process.
const SHORT: Duration = Duration::from_millis(if cfg!(windows) { 200 } else { 30 });

fn silence_ends_a_connection(choice: BackendChoice) {
    for design in designs() {
        let running =
            server(choice, design).idle_timeout(SHORT).start(|message| message.echo().unwrap()).unwrap();
        let mut tries = 0;
        // On a busy machine so short a silence may be there before the first word.
        until("a connection that is not silent from the beginning", || {
            tries += 1;
            let mut stream = connect(&running);
            stream.write_all(b"hello").and_then(|()| stream.read_exact(&mut [0; 5])).ok()?;
            assert_eq!(stream.read(&mut [0; 8]).unwrap(), 0, "{design}");
            Some(())
        });
        counters_become(&running, "it was idle", |counters| counters.idle == tries && counters.open == 0);
        running.stop().unwrap();
    }
}

fn a_message_that_takes_too_long_ends_it(choice: BackendChoice) {
    for design in designs() {
        let server = server(choice, design).framing(Delimiter::new(b'\n', 100)).message_timeout(SHORT);
        let running = server.start(|message: Message<'_>| message.echo().unwrap()).unwrap();
        let mut stream = connect(&running);
        stream.write_all(b"hel").unwrap();
        assert_eq!(stream.read(&mut [0; 8]).unwrap(), 0, "{design}");
        drop(stream);
        counters_become(&running, "it was too slow", |counters| {
            counters.message_deadline == 1 && counters.open == 0
        });
        running.stop().unwrap();
    }
}

fn a_peer_that_does_not_read_to_the_end_is_reset(choice: BackendChoice) {
    for design in KINDS {
        let server = server(choice, design).close_timeout(SHORT).stop_timeout(SHORT);
        let server = server.framing(FixedLength::new(1000).unwrap());
        let running = server.start(|message: Message<'_>| message.reply(&[b'x'; 4000]).unwrap()).unwrap();
        let stream = connect(&running);
        crate::rig::fill(&stream, &running);
        // Replies are in the middle, so the stop waits for them, and no longer than its patience.
        let counters = running.stop().unwrap().counters;
        assert_eq!((counters.close_deadline, counters.open, counters.slices_used), (1, 0, 0), "{design}");
    }
}

fn messages_in_time_go_on_although_one_is_always_begun(choice: BackendChoice) {
    let time = Duration::from_millis(400);
    for design in KINDS {
        let server = server(choice, design).framing(Delimiter::new(b'\n', 100)).message_timeout(time);
        let running = server.start(|message: Message<'_>| message.echo().unwrap()).unwrap();
        let mut late = 0;
        // A machine that is so busy that a message takes too long tells nothing.
        until("messages in time", || {
            let mut stream = connect(&running);
            let start = Instant::now();
            let (mut begun, mut longest) = (start, Duration::ZERO);
            stream.write_all(b"x").unwrap();
            // Each write ends a message and begins the next.
            while start.elapsed() < 3 * time {
                let next = Instant::now();
                let answered = stream.write_all(b"\nx").and_then(|()| stream.read_exact(&mut [0; 1]));
                longest = longest.max(begun.elapsed());
                if answered.is_err() {
                    break;
                }
                begun = next;
            }
            let late_before = replace(&mut late, running.handle().counters().message_deadline);
            assert!(late == late_before || longest >= time, "{design}: none took longer than {longest:?}");
            (late == late_before).then_some(())
        });
        running.stop().unwrap();
    }
}
