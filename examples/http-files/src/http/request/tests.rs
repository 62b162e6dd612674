//! Requests as clients send them, and as they should not.

use super::*;
use proptest::prelude::*;

fn refused(head: &str) -> u16 {
    parse(head.as_bytes()).unwrap_err().code()
}

#[test]
fn what_curl_sends_is_read() {
    let head = b"GET /a%20b?c HTTP/1.1\r\nHost: here\r\nUser-Agent: curl\r\nRange: bytes=1-2\r\n\r\n";
    let wanted = Request {
        head_only: false,
        target: "/a%20b?c",
        keep_alive: true,
        range: Some("bytes=1-2"),
        if_range: None,
        if_modified_since: None,
    };
    assert_eq!(parse(head), Ok(wanted));
}

#[test]
fn the_version_and_the_connection_field_say_whether_it_stays_open() {
    for (line, field, stays) in [
        ("1.1", "", true),
        ("1.1", "Connection: close\r\n", false),
        ("1.1", "Connection: upgrade, Close\r\n", false),
        ("1.0", "", false),
        ("1.0", "Connection: Keep-Alive\r\n", true),
    ] {
        let head = format!("HEAD / HTTP/{line}\r\nHost: here\r\n{field}\r\n");
        let request = parse(head.as_bytes()).unwrap();
        assert_eq!((request.head_only, request.keep_alive), (true, stays), "{head}");
    }
}

#[test]
fn a_target_may_name_the_host() {
    for (given, path) in
        [("http://here", "/"), ("HTTP://here/a", "/a"), ("https://here:1/a?b", "/a?b"), ("/a//b", "/a//b")]
    {
        assert_eq!(origin_form(given), Some(path));
    }
    assert_eq!(origin_form("*"), None);
    assert_eq!(origin_form("ftp://here/a"), None);
}

#[test]
fn each_refusal_has_its_number() {
    assert_eq!(refused("GET / HTTP/1.1\r\n\r\n"), 400); // no host
    assert_eq!(refused("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
    assert_eq!(refused("GET nowhere HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
    assert_eq!(refused("GET / HTTP/1.1\r\nHost : a\r\n\r\n"), 400);
    assert_eq!(refused("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n"), 400);
    assert_eq!(refused("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400);
    assert_eq!(
        refused("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
        400
    );
    assert_eq!(refused("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"), 405);
    assert_eq!(refused("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"), 413);
    assert_eq!(refused("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"), 413);
    let long = "a".repeat(LONGEST_TARGET);
    assert_eq!(refused(&format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n")), 414);
    let many = "A: b\r\n".repeat(MOST_FIELDS);
    assert_eq!(refused(&format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n")), 431);
    assert_eq!(refused("BREW / HTTP/1.1\r\nHost: a\r\n\r\n"), 501);
    assert_eq!(refused("PRI * HTTP/2.0\r\n\r\n"), 505);
}

#[test]
fn a_body_of_no_bytes_is_none() {
    assert!(parse(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").is_ok());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn no_field_makes_it_panic(name in "[ -~]{0,20}", value in "[ -~\u{80}-\u{fff}]{0,40}", target in "[!-~]{0,40}") {
        let _ = parse(format!("GET {target} HTTP/1.1\r\nHost: a\r\n{name}: {value}\r\n\r\n").as_bytes());
    }
}
