//! Heads as clients read them.

use super::*;
use std::time::Duration;

fn answer(status: Status) -> Answer<'static> {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    Answer { status, content: None, location: None, head_only: false, keep_alive: true, now }
}

fn written(answer: Answer<'_>) -> String {
    let mut bytes = [0; LONGEST_ANSWER];
    let length = answer.write(&mut bytes).unwrap();
    String::from_utf8(bytes[..length].to_vec()).unwrap()
}

fn content(bytes: (u64, u64)) -> Option<Content> {
    Some(Content { media: "text/css", modified: Some(SystemTime::UNIX_EPOCH), bytes, length: 10 })
}

#[test]
fn a_file_is_described() {
    let wanted = "HTTP/1.1 200 OK\r\nServer: ringport\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
        Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT\r\nAccept-Ranges: bytes\r\nContent-Type: text/css\r\n\
        Content-Length: 10\r\nConnection: keep-alive\r\n\r\n";
    assert_eq!(written(Answer { content: content((0, 10)), ..answer(Status::Ok) }), wanted);
}

#[test]
fn a_part_says_which() {
    let text = written(Answer { content: content((2, 4)), ..answer(Status::PartialContent) });
    assert!(text.contains("\r\nContent-Range: bytes 2-3/10\r\n"), "{text}");
    assert!(text.contains("\r\nContent-Length: 2\r\n"), "{text}");
    let text = written(Answer { content: content((0, 0)), ..answer(Status::RangeNotSatisfiable) });
    assert!(text.contains("\r\nContent-Range: bytes */10\r\n"), "{text}");
    assert!(text.ends_with("\r\n\r\n416 Range Not Satisfiable\n"), "{text}");
}

#[test]
fn what_is_not_sent_has_no_length() {
    let text = written(Answer { content: content((0, 0)), ..answer(Status::NotModified) });
    assert!(text.contains("Last-Modified") && !text.contains("Content-Length"), "{text}");
    assert!(text.ends_with("\r\n\r\n"), "{text}");
}

#[test]
fn a_refusal_has_a_text_of_the_length_it_says() {
    let text = written(Answer { keep_alive: false, ..answer(Status::NotFound) });
    assert!(text.contains("\r\nConnection: close\r\n"), "{text}");
    assert!(text.ends_with("\r\nContent-Length: 14\r\n\r\n404 Not Found\n"), "{text}");
    let text = written(Answer { head_only: true, ..answer(Status::NotFound) });
    assert!(text.ends_with("\r\nContent-Length: 14\r\n\r\n"), "{text}");
    assert!(written(answer(Status::MethodNotAllowed)).contains("\r\nAllow: GET, HEAD\r\n"));
}

#[test]
fn a_redirection_stays_on_this_host() {
    let text = written(Answer { location: Some(("//evil", "?a")), ..answer(Status::MovedPermanently) });
    assert!(text.contains("\r\nLocation: /evil/?a\r\n"), "{text}");
}

#[test]
fn the_longest_fits() {
    let path = "/".to_owned() + &"a".repeat(LONGEST_TARGET - 1);
    let location = Some((&path[..], ""));
    let text = written(Answer { location, keep_alive: false, ..answer(Status::MovedPermanently) });
    assert!(text.len() <= LONGEST_ANSWER);
    let media = Some(Content {
        media: "text/javascript; charset=utf-8",
        bytes: (u64::MAX - 1, u64::MAX),
        length: u64::MAX,
        modified: Some(SystemTime::UNIX_EPOCH),
    });
    assert!(written(Answer { content: media, ..answer(Status::PartialContent) }).len() < 1024);
}

#[test]
fn no_room_is_an_error() {
    assert!(answer(Status::Ok).write(&mut [0; 20]).is_err());
}

#[test]
fn a_file_of_tomorrow_was_changed_today() {
    let tomorrow = SystemTime::UNIX_EPOCH + Duration::from_secs(984_111_777);
    let content = content((0, 10)).map(|content| Content { modified: Some(tomorrow), ..content });
    let text = written(Answer { content, ..answer(Status::Ok) });
    assert!(text.contains("Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT"), "{text}");
}
