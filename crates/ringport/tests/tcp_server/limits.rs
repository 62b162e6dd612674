//! What connections are held to: how many, how much memory, replies that fit, peers that do not read.

use std::io::{ErrorKind, Read, Write};

use ringport::server::tcp::Message;
use ringport::server::tcp::framing::{FixedLength, LengthPrefix};
use ringport::{BackendChoice, Design, TcpServer};

use crate::common::on_each_backend;
use crate::designs::KINDS;
use crate::rig::{connect, counters_become, designs, reset_may_be_an_end, server};

on_each_backend!(
    one_connection_too_many_is_refused,
    a_peer_that_does_not_read_is_not_read_from,
    what_is_no_message_ends_the_connection,
    a_reply_that_does_not_fit_is_refused,
    a_handler_may_close_or_reset,
    memory_is_that_of_the_reserves,
    as_many_as_there_may_be_find_their_reserve,
);

fn one_connection_too_many_is_refused(choice: BackendChoice) {
    for design in designs() {
        let running =
            server(choice, design).max_connections(2).start(|message| message.echo().unwrap()).unwrap();
        let mut streams: Vec<_> = (0..2).map(|_| connect(&running)).collect();
        counters_become(&running, "two are there", |counters| counters.open == 2);
        let mut third = connect(&running);
        let refused = third.write_all(b"x").and_then(|()| third.read(&mut [0; 8]));
        assert!(matches!(refused, Ok(0) | Err(_)), "{design}: {refused:?}");
        counters_become(&running, "one was refused", |counters| counters.refused_full == 1);
        for stream in &mut streams {
            stream.write_all(b"still").unwrap();
            stream.read_exact(&mut [0; 5]).unwrap();
        }
        streams.pop();
        counters_become(&running, "one is there", |counters| counters.open == 1);
        let mut next = connect(&running);
        next.write_all(b"hello").unwrap();
        next.read_exact(&mut [0; 5]).unwrap();
        running.stop().unwrap();
    }
}

fn a_peer_that_does_not_read_is_not_read_from(choice: BackendChoice) {
    for design in KINDS {
        let server = server(choice, design).framing(FixedLength::new(1000).unwrap());
        let running = server.start(|message: Message<'_>| message.reply(&[b'x'; 4000]).unwrap()).unwrap();
        let mut deaf = connect(&running);
        deaf.set_nonblocking(true).unwrap();
        // Each thousand bytes ask for 4,000, and none of those is read: at some point no more are taken.
        let sent = crate::rig::fill(&deaf, &running);
        assert!(running.handle().counters().slices_used <= running.handle().counters().slices_reserved);
        // Others are served meanwhile.
        let mut other = connect(&running);
        other.write_all(&[0; 1000]).unwrap();
        other.read_exact(&mut [0; 4000]).unwrap();
        // And it is, once it reads.
        deaf.set_nonblocking(false).unwrap();
        let mut left = sent / 1000 * 4000;
        let mut buffer = vec![0; 1 << 16];
        while left > 0 {
            let bytes = deaf.read(&mut buffer).unwrap() as u64;
            assert!(bytes > 0, "{design}: {left} bytes are missing");
            left -= bytes;
        }
        // It may have asked for a part of one more, which nobody waits for.
        drop((deaf, other));
        running.stop().unwrap();
    }
}

fn what_is_no_message_ends_the_connection(choice: BackendChoice) {
    for design in designs() {
        let server = server(choice, design).framing(LengthPrefix::four_bytes(100));
        let running = server.start(|message| message.echo().unwrap()).unwrap();
        let mut stream = connect(&running);
        stream.write_all(&[255; 8]).unwrap();
        assert!(matches!(stream.read(&mut [0; 8]), Ok(0) | Err(_)), "{design}");
        drop(stream);
        counters_become(&running, "it was refused", |counters| counters.malformed == 1 && counters.open == 0);
        running.stop().unwrap();
    }
}

fn a_reply_that_does_not_fit_is_refused(choice: BackendChoice) {
    for design in designs() {
        let running = server(choice, design)
            .start(|mut message: Message<'_>| {
                let refused = message.connection().send(&[0; 1 << 20]).unwrap_err();
                assert_eq!(refused.asked, 1 << 20);
                let room = message.connection().room();
                assert_eq!(refused.room, room);
                assert!(room >= 4096);
                message.connection().send(&room.to_be_bytes()).unwrap();
                message.connection().close();
            })
            .unwrap();
        let mut stream = connect(&running);
        stream.write_all(b"x").unwrap();
        let mut got = Vec::new();
        stream.read_to_end(&mut got).unwrap();
        assert_eq!(got, 12_288usize.to_be_bytes(), "{design}");
        running.stop().unwrap();
    }
}

fn a_handler_may_close_or_reset(choice: BackendChoice) {
    for design in designs() {
        let running = server(choice, design)
            .start(|mut message: Message<'_>| {
                let reset = message.bytes()[0] == b'r';
                let connection = message.connection();
                connection.send(b"bye").unwrap();
                if reset { connection.reset() } else { connection.close() }
            })
            .unwrap();
        let mut stream = connect(&running);
        stream.write_all(b"c").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert_eq!(text, "bye");
        drop(stream);
        let mut stream = connect(&running);
        stream.write_all(b"r").unwrap();
        match stream.read_to_string(&mut text) {
            Ok(_) => assert!(reset_may_be_an_end(), "{design}: no reset"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{design}"),
        }
        counters_become(&running, "both are gone", |counters| counters.ended_by_handler == 2);
        running.stop().unwrap();
    }
}

fn memory_is_that_of_the_reserves(choice: BackendChoice) {
    let running = server(choice, Design::EventPolled)
        .max_connections(50)
        .start(|message| message.echo().unwrap())
        .unwrap();
    let streams: Vec<_> = (0..20).map(|_| connect(&running)).collect();
    counters_become(&running, "all are there", |counters| counters.open == 20);
    let counters = running.handle().counters();
    // Raw messages of a slice: two to receive, three to send.
    assert_eq!((counters.slices_reserved, counters.slices_used), (20 * 5, 0));
    for mut stream in &streams {
        stream.write_all(b"x").unwrap();
        stream.read_exact(&mut [0]).unwrap();
    }
    let counters = running.handle().counters();
    assert!(counters.slices_lowest_free < counters.slices, "bytes lay in a slice: {counters:?}");
    drop(streams);
    running.stop().unwrap();
}

/// Also where the completion queue keeps some slices for all of them.
fn as_many_as_there_may_be_find_their_reserve(choice: BackendChoice) {
    const MOST: usize = 200;
    for design in KINDS {
        let server = server(choice, design).max_connections(MOST).slice_size(64).largest_reply(64);
        let running = server.start(|message| message.echo().unwrap()).unwrap();
        let streams: Vec<_> = (0..MOST)
            .map(|number| {
                let mut stream = connect(&running);
                stream.write_all(&[number as u8; 8]).unwrap();
                let mut got = [0; 8];
                stream.read_exact(&mut got).unwrap();
                assert_eq!(got, [number as u8; 8], "{design}");
                stream
            })
            .collect();
        assert_eq!(running.handle().counters().open, MOST as u64, "{design}");
        drop(streams);
        running.stop().unwrap();
    }
}

#[test]
fn options_that_are_not_possible_are_named() {
    let failed = |server: TcpServer| server.start(|_| ()).err().map(|error| error.to_string()).unwrap();
    let bind = || TcpServer::bind("127.0.0.1:0").unwrap();
    assert!(failed(bind().max_connections(0)).contains("max_connections is 0"));
    assert!(failed(bind().threads(2)).contains("threads is 2"));
    assert!(failed(bind().design(Design::Blocking)).contains("design is blocking"));
    assert!(failed(bind().slice_size(0)).contains("slice_size is 0"));
}
