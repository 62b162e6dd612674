//! What is refused, and that nothing of it ends the server.

use std::io::{Read, Write};

use crate::rig::{Served, on_each_backend};
use crate::system::HAS_LINKS;

on_each_backend!(
    nothing_outside_the_directory_is_served,
    what_is_no_file_is_refused,
    each_bad_request_has_its_number_and_ends_the_connection,
    a_body_that_nobody_reads_does_not_take_the_answer_away,
    random_bytes_do_not_end_the_server,
);

fn nothing_outside_the_directory_is_served(backend: &str) {
    let served = Served::start(backend, &[]);
    for path in [
        "/../secret.txt",
        "/sub/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/sub/%2e%2e%2f%2e%2e/secret.txt",
        "/out.txt",
        "/root/etc/passwd",
        "http://here/../secret.txt",
    ] {
        if !HAS_LINKS && ["/out.txt", "/root/etc/passwd"].contains(&path) {
            println!("skipped {path}: there are no links here");
            continue;
        }
        let answer = served.get(path);
        assert_eq!((answer.status, answer.body.starts_with(b"403")), (403, true), "{path}");
    }
    // A second slash, or the path of a file of the system, names nothing but what is below.
    assert_eq!(served.get("//etc/passwd").status, 404);
    assert_eq!(served.get("/%2fetc%2fpasswd").status, 404);
}

fn what_is_no_file_is_refused(backend: &str) {
    let served = Served::start(backend, &[]);
    let mut client = served.client();
    let long = format!("/{}", "a".repeat(300));
    for (path, status) in [
        ("/nowhere", 404),
        ("/index.html/below", 404),
        (&long, 404),
        ("/pipe", 403),
        ("/circle", 403),
        ("/a%00b", 400),
    ] {
        if !HAS_LINKS && ["/pipe", "/circle"].contains(&path) {
            println!("skipped {path}: there is none here");
            continue;
        }
        client.ask("GET", path, "");
        assert_eq!(client.answer(false).status, status, "{path}");
    }
}

fn each_bad_request_has_its_number_and_ends_the_connection(backend: &str) {
    let served = Served::start(backend, &[]);
    let line = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(1100));
    let endless = "a".repeat(9000);
    let head = format!("GET / HTTP/1.1\r\nHost: a\r\nB: {}\r\n\r\n", "b".repeat(9000));
    for (request, status) in [
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("\0\r\n\r\n", 400),
        ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n", 413),
        (&line, 414),
        (&endless, 414),
        (&head, 431),
        ("FETCH / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    ] {
        let mut client = served.client();
        client.send(request);
        let answer = client.answer(false);
        assert_eq!((answer.status, answer.field("connection")), (status, Some("close")), "{request}");
        client.assert_end();
    }
    assert_eq!(served.get("/").status, 200);
}

fn a_body_that_nobody_reads_does_not_take_the_answer_away(backend: &str) {
    let served = Served::start(backend, &[]);
    let mut client = served.client();
    client.ask("POST", "/", "Content-Length: 1000000\r\n");
    // It is taken and dropped: a close with these unread would be a reset.
    client.send(vec![b'x'; 1_000_000]);
    let answer = client.answer(false);
    assert_eq!((answer.status, answer.field("allow")), (405, Some("GET, HEAD")));
    client.assert_end();
}

fn random_bytes_do_not_end_the_server(backend: &str) {
    let served = Served::start(backend, &[]);
    let mut state = 1_u64;
    for length in 0..100 {
        let mut client = served.client();
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u8
        };
        let bytes: Vec<u8> = (0..length * 7).map(|_| random()).collect();
        let _ = client.stream.get_mut().write_all(&bytes);
        let _ = client.stream.get_mut().write_all(b"\r\n\r\n");
        let _ = client.stream.get_ref().shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let _ = client.stream.read_to_end(&mut answer);
    }
    assert_eq!(served.get("/").body, b"<h1>hello</h1>");
}
