//! What is too much is refused by name, and the server goes on.

use crate::rig::{Served, array, on_each_backend};

on_each_backend!(
    what_is_no_command_is_told_and_ends_the_connection,
    values_are_no_longer_than_a_reply,
    replies_are_no_longer_than_reserved,
    a_client_that_does_not_read_is_not_read_from,
    one_client_too_many_is_refused,
);

fn what_is_no_command_is_told_and_ends_the_connection(backend: &str) {
    let server = Served::start(backend, &["--largest", "4"]);
    let long = "x".repeat(4096);
    let cases = [
        ("*x\r\n", "invalid multibulk length"),
        ("*1000000\r\n", "invalid multibulk length"),
        ("*1\r\n:1\r\n", "expected '$', got ':'"),
        ("*1\r\n$-1\r\n", "invalid bulk length"),
        ("*1\r\n$5000\r\n", "invalid bulk length"),
        ("*1\r\n$4\r\nPINGxx\r\n", "a bulk string does not end where its length says"),
        ("get 'a\r\n", "unbalanced quotes in request"),
        (&long, "too big inline request"),
    ];
    for (sent, why) in cases {
        let mut client = server.client();
        client.send(format!("PING\r\n{sent}"));
        client.expect(format!("+PONG\r\n-ERR Protocol error: {why}\r\n"));
        client.expect_end();
    }
    server.client().ask("PING", "+PONG\r\n");
}

fn values_are_no_longer_than_a_reply(backend: &str) {
    let server = Served::start(backend, &["--largest", "4"]);
    let mut client = server.client();
    // The longest there may be.
    let value = "v".repeat(4096 - 32);
    let refused = "-ERR string exceeds maximum allowed size (4064 bytes)\r\n";
    client.ask(&format!("SET a {}", &value[100..]), "+OK\r\n");
    client.ask(&format!("APPEND a {}", &value[..100]), ":4064\r\n");
    client.ask("GET a", &format!("$4064\r\n{value}\r\n"));
    client.ask("APPEND a x", refused);
    client.ask("STRLEN a", ":4064\r\n");
    client.send(format!("set b {value}x\r\n"));
    client.expect(refused);
    client.ask("EXISTS b", ":0\r\n");
}

fn replies_are_no_longer_than_reserved(backend: &str) {
    let server = Served::start(backend, &["--largest", "4"]);
    let mut client = server.client();
    let refused = "-ERR the reply has more than the 4096 bytes that are allowed: ask for less\r\n";
    client.ask(&format!("MSET a {0} b {0}", "v".repeat(1500)), "+OK\r\n");
    client.ask("MGET a b a", refused);
    client.send("MGET a b\r\n");
    client.expect("*2\r\n");
    assert_eq!((client.bulk().len(), client.bulk().len()), (1500, 1500));
    for number in 0..100 {
        client.ask(&format!("SET {number:0>50} x"), "+OK\r\n");
    }
    client.ask("KEYS 0*", refused);
    client.ask("KEYS ?", "*2\r\n");
}

fn a_client_that_does_not_read_is_not_read_from(backend: &str) {
    let server = Served::start(backend, &["--largest", "8"]);
    let (mut client, mut other) = (server.client(), server.client());
    // A long key, so that not too many requests fill the buffers.
    let key = "k".repeat(1000);
    client.ask(&format!("SET {key} {}", "v".repeat(4000)), "+OK\r\n");
    let mut writer = client.writer();
    writer.set_nonblocking(true).unwrap();
    // Until nothing more is taken: the server waits, and so do the buffers of the system.
    let ask = array(&[b"GET", key.as_bytes()]);
    let mut sent = 0;
    let mut refused_in_a_row = 0;
    while refused_in_a_row < 1000 {
        match std::io::Write::write(&mut writer, &ask[sent % ask.len()..]) {
            Ok(bytes) => (sent, refused_in_a_row) = (sent + bytes, 0),
            Err(_) => {
                refused_in_a_row += 1;
                // Meanwhile others are served.
                other.ask("PING", "+PONG\r\n");
            }
        }
    }
    writer.set_nonblocking(false).unwrap();
    let reply = format!("$4000\r\n{}\r\n", "v".repeat(4000));
    for _ in 0..sent / ask.len() {
        client.expect(&reply);
    }
}

fn one_client_too_many_is_refused(backend: &str) {
    let server = Served::start(backend, &["--connections", "2"]);
    let mut clients = [server.client(), server.client()];
    clients.iter_mut().for_each(|client| client.ask("PING", "+PONG\r\n"));
    let mut third = server.client().writer();
    let refused = std::io::Read::read(&mut third, &mut [0]).map_or(true, |bytes| bytes == 0);
    assert!(refused);
    clients.iter_mut().for_each(|client| client.ask("PING", "+PONG\r\n"));
}
