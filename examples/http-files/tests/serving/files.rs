//! What is served: the bytes of files, and what is told of them.

use std::fs;

use crate::rig::{Served, on_each_backend, pattern};

on_each_backend!(
    a_file_is_served_as_it_is,
    a_large_file_is_served_as_it_is,
    the_head_alone_is_that_of_the_file,
    a_directory_is_its_index,
    an_unchanged_file_is_not_sent_again,
    a_part_is_sent_where_one_is_asked_for,
    a_part_of_a_large_file_may_lie_anywhere,
    a_link_within_the_directory_is_followed,
);

fn a_file_is_served_as_it_is(backend: &str) {
    let served = Served::start(backend, &[]);
    let answer = served.get("/with%20space.css?version=3");
    assert_eq!((answer.status, &answer.body[..]), (200, &b"p { }"[..]));
    assert_eq!(answer.field("content-type"), Some("text/css; charset=utf-8"));
    assert_eq!(answer.field("content-length"), Some("5"));
    assert!(answer.field("last-modified").is_some() && answer.field("date").is_some());
    let answer = served.get("/empty.txt");
    assert_eq!((answer.status, answer.field("content-length")), (200, Some("0")));
}

fn a_large_file_is_served_as_it_is(backend: &str) {
    let served = Served::start(backend, &[]);
    // Slices of 16 KiB: one byte less than whole ones, whole ones, and one more.
    for length in [16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 20_000_000] {
        fs::write(served.site.join("large.bin"), pattern(length)).unwrap();
        let answer = served.get("/large.bin");
        assert_eq!(answer.status, 200);
        assert!(answer.body == pattern(length), "{length} bytes came as others");
    }
}

fn the_head_alone_is_that_of_the_file(backend: &str) {
    let served = Served::start(backend, &[]);
    let mut client = served.client();
    for (path, status, length) in [("/part.bin", 200, "100000"), ("/nowhere", 404, "14")] {
        client.ask("HEAD", path, "");
        let head = client.answer(true);
        assert_eq!((head.status, head.field("content-length")), (status, Some(length)));
    }
    // No body came in between, or this would be part of it.
    client.ask("GET", "/", "");
    assert_eq!(client.answer(false).body, b"<h1>hello</h1>");
}

fn a_directory_is_its_index(backend: &str) {
    let served = Served::start(backend, &[]);
    assert_eq!(served.get("/").body, b"<h1>hello</h1>");
    assert_eq!(served.get("/sub/").body, b"<h1>below</h1>");
    let moved = served.get("/sub?a=b");
    assert_eq!((moved.status, moved.field("location")), (301, Some("/sub/?a=b")));
    let moved = served.get("//sub");
    assert_eq!((moved.status, moved.field("location")), (301, Some("/sub/")), "it names no other host");
    assert_eq!(served.get("/bare/").status, 404);
    assert_eq!(served.get("/index.html/").status, 404);
}

fn an_unchanged_file_is_not_sent_again(backend: &str) {
    let served = Served::start(backend, &[]);
    let mut client = served.client();
    client.ask("GET", "/part.bin", "");
    let first = client.answer(false);
    let modified = first.field("last-modified").unwrap();
    client.ask("GET", "/part.bin", &format!("If-Modified-Since: {modified}\r\n"));
    let second = client.answer(false);
    assert_eq!((second.status, second.body.len()), (304, 0));
    client.ask("GET", "/part.bin", "If-Modified-Since: Thu, 01 Jan 1970 00:00:01 GMT\r\n");
    assert_eq!(client.answer(false).body, first.body);
}

fn a_part_is_sent_where_one_is_asked_for(backend: &str) {
    let served = Served::start(backend, &[]);
    let mut client = served.client();
    let whole = pattern(100_000);
    for (range, status, told, bytes) in [
        ("0-0", 206, Some("bytes 0-0/100000"), 0..1),
        ("16383-16384", 206, Some("bytes 16383-16384/100000"), 16383..16385),
        ("50000-", 206, Some("bytes 50000-99999/100000"), 50_000..100_000),
        ("-7", 206, Some("bytes 99993-99999/100000"), 99_993..100_000),
        ("1-2,4-5", 200, None, 0..100_000),
    ] {
        client.ask("GET", "/part.bin", &format!("Range: bytes={range}\r\n"));
        let answer = client.answer(false);
        assert_eq!((answer.status, answer.field("content-range")), (status, told), "{range}");
        assert!(answer.body == whole[bytes], "{range}");
    }
    client.ask("GET", "/part.bin", "Range: bytes=100000-\r\n");
    let answer = client.answer(false);
    assert_eq!((answer.status, answer.field("content-range")), (416, Some("bytes */100000")));
}

fn a_part_of_a_large_file_may_lie_anywhere(backend: &str) {
    let served = Served::start(backend, &[]);
    // Beyond what 32 bits can name, in a file that is mostly a hole.
    let file = fs::File::create(served.site.join("hole.bin")).unwrap();
    let offset = (5 << 30) + 3;
    crate::system::write_at(&file, b"far away", offset);
    let mut client = served.client();
    client.ask("GET", "/hole.bin", &format!("Range: bytes={}-{}\r\n", offset + 4, offset + 7));
    let answer = client.answer(false);
    assert_eq!((answer.status, &answer.body[..]), (206, &b"away"[..]));
}

fn a_link_within_the_directory_is_followed(backend: &str) {
    if cfg!(windows) {
        return println!("skipped: on Windows no link is followed");
    }
    let served = Served::start(backend, &[]);
    assert_eq!(served.get("/in.html").body, b"<h1>hello</h1>");
}
