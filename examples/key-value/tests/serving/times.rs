//! Values that are there for a time.

use crate::rig::{Served, on_each_backend};

on_each_backend!(a_time_is_told_and_taken_back, a_value_goes_when_its_time_is_over, a_silent_client_goes);

fn a_time_is_told_and_taken_back(backend: &str) {
    let server = Served::start(backend, &[]);
    let mut client = server.client();
    client.ask("TTL a", ":-2\r\n");
    client.ask("EXPIRE a 10", ":0\r\n");
    client.ask("SET a 1", "+OK\r\n");
    client.ask("TTL a", ":-1\r\n");
    client.ask("EXPIRE a 1000", ":1\r\n");
    client.ask_time_left("a", 1000);
    client.ask("APPEND a 2", ":2\r\n");
    client.ask_time_left("a", 1000);
    client.ask("PERSIST a", ":1\r\n");
    client.ask("PERSIST a", ":0\r\n");
    client.ask("PTTL a", ":-1\r\n");
    client.ask("EXPIRE a soon", "-ERR value is not an integer or out of range\r\n");
    client.ask("EXPIRE a -1", ":1\r\n");
    client.ask("EXISTS a", ":0\r\n");
}

fn a_value_goes_when_its_time_is_over(backend: &str) {
    let server = Served::start(backend, &[]);
    let mut client = server.client();
    client.ask("SET a 1 PX 1", "+OK\r\n");
    client.ask("SET b 1", "+OK\r\n");
    client.ask("PEXPIRE b 1", ":1\r\n");
    client.ask("SET c 1 EX 1000", "+OK\r\n");
    // As often as it takes: nobody knows how long a millisecond is here.
    let gone = (0..1_000_000).any(|_| {
        client.send("EXISTS a b\r\n");
        client.line() == ":0"
    });
    assert!(gone);
    client.ask("TTL a", ":-2\r\n");
    client.ask("KEYS *", "*1\r\n$1\r\nc\r\n");
}

fn a_silent_client_goes(backend: &str) {
    let server = Served::start(backend, &["--idle", "1"]);
    let mut client = server.client();
    client.ask("PING", "+PONG\r\n");
    client.expect_end();
}
