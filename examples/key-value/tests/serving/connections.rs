//! Commands however they come: many at a time, a byte at a time, and from clients that go.

use std::io::Write;
use std::thread;

use crate::rig::{Served, array, on_each_backend};

on_each_backend!(
    commands_in_a_row_are_answered_in_order,
    commands_that_trickle_are_answered,
    commands_across_slices_are_whole,
    lines_and_arrays_may_alternate,
    a_client_that_goes_in_a_command_harms_nobody,
    it_stops_in_order,
);

fn commands_in_a_row_are_answered_in_order(backend: &str) {
    const COMMANDS: usize = 20_000;
    let server = Served::start(backend, &[]);
    let mut client = server.client();
    let mut writer = client.writer();
    let sending = thread::spawn(move || {
        let all: Vec<u8> = (0..COMMANDS)
            .flat_map(|number| match number % 3 {
                0 => array(&[b"SET", format!("key:{number}").as_bytes(), format!("{number}").as_bytes()]),
                1 => array(&[b"GET", format!("key:{}", number - 1).as_bytes()]),
                _ => array(&[b"INCR", b"count"]),
            })
            .collect();
        writer.write_all(&all).unwrap();
    });
    for number in 0..COMMANDS {
        match number % 3 {
            0 => client.expect("+OK\r\n"),
            1 => {
                let before = (number - 1).to_string();
                client.expect(format!("${}\r\n{before}\r\n", before.len()));
            }
            _ => client.expect(format!(":{}\r\n", number / 3 + 1)),
        }
    }
    sending.join().unwrap();
}

fn commands_that_trickle_are_answered(backend: &str) {
    let server = Served::start(backend, &[]);
    let mut client = server.client();
    let mut all = array(&[b"SET", b"key", b"a value"]);
    all.extend_from_slice(b"GET key\r\n");
    all.extend(array(&[b"ECHO", b"end"]));
    for byte in all {
        client.send([byte]);
    }
    client.expect("+OK\r\n$7\r\na value\r\n$3\r\nend\r\n");
}

fn commands_across_slices_are_whole(backend: &str) {
    let server = Served::start(backend, &[]);
    let mut client = server.client();
    // Of a length that slices are no multiple of, and more than one slice has.
    let values: Vec<Vec<u8>> = (0..40u8).map(|number| vec![b'a' + number % 26; 20_011]).collect();
    let mut writer = client.writer();
    let sent = values.clone();
    let sending = thread::spawn(move || {
        for (number, value) in sent.iter().enumerate() {
            let key = number.to_string();
            writer.write_all(&array(&[b"SET", key.as_bytes(), value])).unwrap();
            writer.write_all(&array(&[b"GET", key.as_bytes()])).unwrap();
        }
    });
    for value in values {
        client.expect("+OK\r\n$20011\r\n");
        client.expect(value);
        client.expect("\r\n");
    }
    sending.join().unwrap();
}

fn lines_and_arrays_may_alternate(backend: &str) {
    let server = Served::start(backend, &[]);
    let mut client = server.client();
    client.send("set key 'a value'\r\n*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n\r\n*0\r\n*-1\r\nping\nPING \"\"\n");
    client.expect("+OK\r\n$7\r\na value\r\n+PONG\r\n$0\r\n\r\n");
}

fn a_client_that_goes_in_a_command_harms_nobody(backend: &str) {
    let server = Served::start(backend, &[]);
    let mut stays = server.client();
    for _ in 0..20 {
        let mut goes = server.client();
        goes.send("*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$1000\r\nhalf");
    }
    stays.ask("GET key", "$-1\r\n");
    stays.ask("PING", "+PONG\r\n");
}

fn it_stops_in_order(backend: &str) {
    let server = Served::start(backend, &[]);
    let mut client = server.client();
    client.ask("SET a 1", "+OK\r\n");
    server.stop(1);
    client.expect_end();
    let (status, text) = server.finish();
    assert!(status.success() && text.contains("1 messages") && text.contains("1 connections"), "{text}");
}
