//! What is answered to each command.

use crate::rig::{Served, on_each_backend};

on_each_backend!(values, options_of_set, numbers, several_keys, keys, the_connection, the_server, refusals);

fn values(backend: &str) {
    let server = Served::start(backend, &[]);
    let mut client = server.client();
    client.ask("GET a", "$-1\r\n");
    client.ask("SET a one", "+OK\r\n");
    client.ask("get a", "$3\r\none\r\n");
    client.ask("SET a ", "+OK\r\n");
    client.ask("GET a", "$0\r\n\r\n");
    client.ask("APPEND a 12345", ":5\r\n");
    client.ask("APPEND a 678", ":8\r\n");
    client.ask("APPEND new x", ":1\r\n");
    client.ask("STRLEN a", ":8\r\n");
    client.ask("STRLEN none", ":0\r\n");
    client.ask("GET a", "$8\r\n12345678\r\n");
    let long = "x".repeat(30_000);
    client.ask(&format!("SET long {long}"), "+OK\r\n");
    client.ask("GET long", &format!("$30000\r\n{long}\r\n"));
    client.send(b"*3\r\n$3\r\nSET\r\n$2\r\n\r\n\r\n$4\r\n\0\n\r\xff\r\n");
    client.send(b"*2\r\n$3\r\nGET\r\n$2\r\n\r\n\r\n");
    client.expect(b"+OK\r\n$4\r\n\0\n\r\xff\r\n");
}

fn options_of_set(backend: &str) {
    let server = Served::start(backend, &[]);
    let mut client = server.client();
    client.ask("SET a 1 XX", "$-1\r\n");
    client.ask("SET a 1 NX", "+OK\r\n");
    client.ask("SET a 2 NX", "$-1\r\n");
    client.ask("SET a 2 xx get", "$1\r\n1\r\n");
    client.ask("SET a 3 NX GET", "$1\r\n2\r\n");
    client.ask("SET b 3 NX GET", "$-1\r\n");
    client.ask("GET b", "$1\r\n3\r\n");
    client.ask("SET a 1 EX 1000", "+OK\r\n");
    client.ask("SET a 2 KEEPTTL", "+OK\r\n");
    client.ask_time_left("a", 1000);
    client.ask("SET a 2", "+OK\r\n");
    client.ask("TTL a", ":-1\r\n");
    client.ask("SET a 1 NX XX", "-ERR syntax error\r\n");
    client.ask("SET a 1 EX 0", "-ERR invalid expire time in 'set' command\r\n");
    client.ask("SETNX a 5", ":0\r\n");
    client.ask("SETNX c 5", ":1\r\n");
    client.ask("MGET a c", "*2\r\n$1\r\n2\r\n$1\r\n5\r\n");
}

fn numbers(backend: &str) {
    let server = Served::start(backend, &[]);
    let mut client = server.client();
    client.ask("INCR n", ":1\r\n");
    client.ask("INCRBY n 41", ":42\r\n");
    client.ask("DECR n", ":41\r\n");
    client.ask("DECRBY n 50", ":-9\r\n");
    client.ask("GET n", "$2\r\n-9\r\n");
    client.ask("SET n 9223372036854775807 EX 100", "+OK\r\n");
    client.ask("INCR n", "-ERR increment or decrement would overflow\r\n");
    client.ask("DECR n", ":9223372036854775806\r\n");
    client.ask_time_left("n", 100);
    client.ask("SET n one", "+OK\r\n");
    client.ask("INCR n", "-ERR value is not an integer or out of range\r\n");
    client.ask("INCRBY m 1x", "-ERR value is not an integer or out of range\r\n");
    client.ask("DECRBY m -9223372036854775808", "-ERR value is not an integer or out of range\r\n");
}

fn several_keys(backend: &str) {
    let server = Served::start(backend, &[]);
    let mut client = server.client();
    client.ask("MSET a 1 b 2 c 3", "+OK\r\n");
    client.ask("MSET a 1 b", "-ERR wrong number of arguments for 'mset' command\r\n");
    client.ask("MGET c none a a", "*4\r\n$1\r\n3\r\n$-1\r\n$1\r\n1\r\n$1\r\n1\r\n");
    client.ask("EXISTS a a b none", ":3\r\n");
    client.ask("DEL a b none a", ":2\r\n");
    client.ask("DBSIZE", ":1\r\n");
}

fn keys(backend: &str) {
    let server = Served::start(backend, &[]);
    let mut client = server.client();
    client.ask("KEYS *", "*0\r\n");
    client.ask("MSET one 1 two 2 three 3", "+OK\r\n");
    client.ask("KEYS t[a-w]?", "*1\r\n$3\r\ntwo\r\n");
    client.send("KEYS *e\r\n");
    client.expect("*2\r\n");
    let mut found = [client.bulk(), client.bulk()];
    found.sort();
    assert_eq!(found, ["one", "three"]);
    client.ask("TYPE one", "+string\r\n");
    client.ask("TYPE none", "+none\r\n");
    client.ask("FLUSHALL ASYNC", "+OK\r\n");
    client.ask("DBSIZE", ":0\r\n");
    client.ask("SET a 1", "+OK\r\n");
    client.ask("FLUSHDB NEVER", "-ERR syntax error\r\n");
    client.ask("FLUSHDB", "+OK\r\n");
    client.ask("EXISTS a", ":0\r\n");
}

fn the_connection(backend: &str) {
    let server = Served::start(backend, &[]);
    let (mut client, mut other) = (server.client(), server.client());
    client.ask("PING", "+PONG\r\n");
    client.ask("PING there", "$5\r\nthere\r\n");
    client.ask("ECHO hello", "$5\r\nhello\r\n");
    client.ask("SELECT 0", "+OK\r\n");
    client.ask("SELECT 1", "-ERR DB index is out of range\r\n");
    client.ask("CLIENT GETNAME", "$-1\r\n");
    client.ask("CLIENT SETNAME me", "+OK\r\n");
    client.ask("CLIENT GETNAME", "$2\r\nme\r\n");
    other.ask("CLIENT GETNAME", "$-1\r\n");
    client.ask("CLIENT SETINFO LIB-NAME own", "+OK\r\n");
    client.send("CLIENT ID\r\nHELLO 2\r\n");
    let id = client.line();
    let hello = format!(
        "*14\r\n$6\r\nserver\r\n$18\r\nringport-key-value\r\n$7\r\nversion\r\n$5\r\n{}\r\n$5\r\nproto\r\n:2\r\n\
         $2\r\nid\r\n{id}\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n",
        env!("CARGO_PKG_VERSION")
    );
    client.expect(hello);
    other.send("CLIENT ID\r\n");
    assert_ne!(other.line(), id);
    client.ask("HELLO 3", "-NOPROTO unsupported protocol version\r\n");
    client.ask("QUIT", "+OK\r\n");
    client.expect_end();
    other.ask("PING", "+PONG\r\n");
}

fn the_server(backend: &str) {
    let server = Served::start(backend, &[]);
    let mut client = server.client();
    client.ask("CONFIG GET save", "*2\r\n$4\r\nsave\r\n$0\r\n\r\n");
    client.ask("CONFIG GET AppendOnly", "*2\r\n$10\r\nappendonly\r\n$2\r\nno\r\n");
    client.ask("CONFIG GET none", "*0\r\n");
    client.ask("COMMAND", "*0\r\n");
    client.ask("COMMAND DOCS get", "*0\r\n");
    client.send("COMMAND COUNT\r\n");
    assert!(client.line().strip_prefix(':').unwrap().parse::<u32>().unwrap() > 30);
    client.ask("SET a 1 EX 100", "+OK\r\n");
    client.send("INFO\r\n");
    let info = client.bulk();
    for line in ["connected_clients:1", "db0:keys=1,expires=1,avg_ttl=0"] {
        assert!(info.lines().any(|it| it == line), "{info}");
    }
}

fn refusals(backend: &str) {
    let server = Served::start(backend, &[]);
    let mut client = server.client();
    client.ask("NONE such", "-ERR unknown command 'NONE'\r\n");
    client.ask("GET", "-ERR wrong number of arguments for 'get' command\r\n");
    client.ask("GET a b", "-ERR wrong number of arguments for 'get' command\r\n");
    client.ask(&"x".repeat(1000), &format!("-ERR unknown command '{}'\r\n", "x".repeat(128)));
    client.send(b"*1\r\n$4\r\n\r\n\0'\r\n");
    client.expect("-ERR unknown command '\\r\\n\\x00\\''\r\n");
    client.ask(
        "CONFIG SET save x",
        "-ERR unknown subcommand or wrong number of arguments for 'SET' of CONFIG\r\n",
    );
    client.ask("PING", "+PONG\r\n");
}
