//! Messages in, replies out, in order, in every design and framing.

use std::io::{Read, Write};
use std::net::Shutdown;

use ringport::BackendChoice;
use ringport::server::tcp::Message;
use ringport::server::tcp::framing::{Delimiter, FixedLength, LengthPrefix};

use crate::common::on_each_backend;
use crate::designs::KINDS;
use crate::rig::{connect, counters_become, designs, server};

on_each_backend!(
    what_is_sent_comes_back,
    many_connections_at_a_time,
    pipelined_lines_are_answered_in_order,
    messages_longer_than_slices,
    bytes_one_at_a_time,
    a_handler_for_each_connection,
    after_the_peers_end_the_replies_still_leave,
    echoes_are_whole_however_full_the_way_out_is,
);

fn what_is_sent_comes_back(choice: BackendChoice) {
    for design in designs() {
        let running = server(choice, design).start(|message| message.echo().unwrap()).unwrap();
        let mut stream = connect(&running);
        for length in [1usize, 100, 4096, 5000, 100_000] {
            let sent: Vec<u8> = (0..length).map(|at| at as u8).collect();
            let mut writer = stream.try_clone().unwrap();
            let to_send = sent.clone();
            let writing = std::thread::spawn(move || writer.write_all(&to_send).unwrap());
            let mut got = vec![0; length];
            stream.read_exact(&mut got).unwrap();
            assert!(got == sent, "{design}, {length} bytes");
            writing.join().unwrap();
        }
        drop(stream);
        counters_become(&running, "the connection is gone", |counters| counters.ended_by_peer == 1);
        let counters = running.stop().unwrap().counters;
        assert_eq!((counters.accepted, counters.open, counters.slices_used), (1, 0, 0), "{design}");
        assert_eq!((counters.received, counters.sent), (109_197, 109_197), "{design}");
    }
}

fn many_connections_at_a_time(choice: BackendChoice) {
    const ROUNDS: u8 = if cfg!(windows) { 3 } else { 20 };
    for design in designs() {
        let running = server(choice, design).start(|message| message.echo().unwrap()).unwrap();
        let mut streams: Vec<_> = (0..100).map(|_| connect(&running)).collect();
        for round in 0..ROUNDS {
            for (number, stream) in streams.iter_mut().enumerate() {
                stream.write_all(&[number as u8, round]).unwrap();
            }
            for (number, stream) in streams.iter_mut().enumerate() {
                let mut got = [0; 2];
                stream.read_exact(&mut got).unwrap();
                assert_eq!(got, [number as u8, round], "{design}");
            }
        }
        assert_eq!(running.handle().counters().open, 100);
        drop(streams);
        counters_become(&running, "all are gone", |counters| {
            counters.open == 0 && counters.slices_reserved == 0
        });
        assert_eq!(running.stop().unwrap().counters.most_open, 100);
    }
}

fn pipelined_lines_are_answered_in_order(choice: BackendChoice) {
    for design in designs() {
        let server = server(choice, design).framing(Delimiter::new(b'\n', 100));
        let running = server.start(|message: Message<'_>| {
            let answer = [&message.bytes()[..], b"!"].concat();
            message.reply(&answer).unwrap();
        });
        let running = running.unwrap();
        let mut stream = connect(&running);
        let lines: Vec<String> = (0..5000).map(|number| format!("line {number}")).collect();
        let mut writer = stream.try_clone().unwrap();
        let text = lines.join("\n") + "\n";
        let writing = std::thread::spawn(move || {
            writer.write_all(text.as_bytes()).unwrap();
            writer.shutdown(Shutdown::Write).unwrap();
        });
        let mut got = String::new();
        stream.read_to_string(&mut got).unwrap();
        assert_eq!(got, lines.join("!") + "!", "{design}");
        writing.join().unwrap();
        assert_eq!(running.stop().unwrap().counters.messages, 5000);
    }
}

fn messages_longer_than_slices(choice: BackendChoice) {
    for design in designs() {
        let server = server(choice, design).framing(LengthPrefix::four_bytes(50_000)).largest_reply(50_000);
        let running = server.start(|message: Message<'_>| {
            let reversed: Vec<u8> = message.received().to_vec().into_iter().rev().collect();
            message.reply(&reversed).unwrap();
        });
        let running = running.unwrap();
        let mut stream = connect(&running);
        for length in [0usize, 1, 4092, 4093, 50_000] {
            let sent: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            stream.write_all(&(length as u32).to_be_bytes()).unwrap();
            stream.write_all(&sent).unwrap();
            let mut got = vec![0; length];
            stream.read_exact(&mut got).unwrap();
            assert!(got.iter().rev().eq(&sent), "{design}, {length} bytes");
        }
        drop(stream);
        assert_eq!(running.stop().unwrap().counters.slices_used, 0);
    }
}

fn bytes_one_at_a_time(choice: BackendChoice) {
    for design in designs() {
        let server = server(choice, design).slice_size(16).framing(FixedLength::new(200).unwrap());
        let running = server.largest_reply(300).start(|message: Message<'_>| {
            let all = message.bytes().to_vec();
            message.reply(&all).unwrap();
        });
        let running = running.unwrap();
        let mut stream = connect(&running);
        stream.set_nodelay(true).unwrap();
        for _ in 0..2 {
            for byte in 0..200u8 {
                stream.write_all(&[byte]).unwrap();
            }
            let mut got = [0; 200];
            stream.read_exact(&mut got).unwrap();
            assert!(got.iter().copied().eq(0..200), "{design}");
        }
        running.stop().unwrap();
    }
}

fn a_handler_for_each_connection(choice: BackendChoice) {
    for design in designs() {
        let running = server(choice, design)
            .start_with(|arrived| {
                let (peer, mut count) = (arrived.peer, 0u8);
                move |mut message: Message<'_>| {
                    assert_eq!(message.connection().peer_addr(), peer);
                    count += 1;
                    message.reply(&[count]).unwrap();
                }
            })
            .unwrap();
        let mut streams: Vec<_> = (0..10).map(|_| connect(&running)).collect();
        for round in 1..=5 {
            for stream in &mut streams {
                stream.write_all(b"x").unwrap();
                let mut got = [0];
                stream.read_exact(&mut got).unwrap();
                assert_eq!(got, [round], "{design}");
            }
        }
        running.stop().unwrap();
    }
}

fn after_the_peers_end_the_replies_still_leave(choice: BackendChoice) {
    for design in designs() {
        let running = server(choice, design).start(|message| message.echo().unwrap()).unwrap();
        let mut stream = connect(&running);
        stream.write_all(b"last words").unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut got = String::new();
        stream.read_to_string(&mut got).unwrap();
        assert_eq!(got, "last words", "{design}");
        counters_become(&running, "it is gone", |counters| counters.ended_by_peer == 1 && counters.open == 0);
        running.stop().unwrap();
    }
}

fn echoes_are_whole_however_full_the_way_out_is(choice: BackendChoice) {
    const LENGTH: usize = 700;
    // Each of them costs Wine a hundred times as much, and sockets are sooner full there.
    const MESSAGES: usize = if cfg!(windows) { 3_000 } else { 20_000 };
    for design in KINDS {
        let server = server(choice, design).slice_size(1024).largest_reply(1024);
        let server = server.framing(FixedLength::new(LENGTH).unwrap());
        let running = server.start(|message: Message<'_>| message.echo().unwrap()).unwrap();
        let mut stream = connect(&running);
        let sent: Vec<u8> = (0..MESSAGES * LENGTH).map(|at| (at / LENGTH) as u8).collect();
        let mut writer = stream.try_clone().unwrap();
        let to_send = sent.clone();
        let writing = std::thread::spawn(move || writer.write_all(&to_send));
        // Until nothing goes on: the replies fill all there is.
        let mut before = u64::MAX;
        counters_become(&running, "it is no longer read from", |counters| {
            counters.paused > 0 && std::mem::replace(&mut before, counters.received) == counters.received
        });
        let mut got = vec![0; sent.len()];
        stream.read_exact(&mut got).unwrap();
        assert!(got == sent, "{design}");
        writing.join().unwrap().unwrap();
        drop(stream);
        running.stop().unwrap();
    }
}
