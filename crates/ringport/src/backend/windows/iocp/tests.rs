//! What everything above relies on, tried on the system itself.

use std::os::windows::io::AsSocket;
use std::thread;

use super::*;

/// A packet of the tests, with the pointer as a number.
fn entry(bytes: u32, key: usize, pointer: usize) -> Entry {
    Entry { key, overlapped: ptr::without_provenance_mut(pointer), bytes }
}

fn post(port: &Iocp, entry: Entry) {
    port.post(entry.bytes, entry.key, entry.overlapped).unwrap();
}

#[test]
fn what_is_posted_is_taken_as_it_was_and_in_its_order() {
    let port = Iocp::new(1).unwrap();
    let posted = [entry(u32::MAX, usize::MAX, usize::MAX), entry(u32::MAX - 1, 0, 8), entry(0, 1, 16)];
    posted.iter().for_each(|entry| post(&port, *entry));
    for expected in posted {
        assert_eq!(port.take(None).unwrap(), Some(expected));
    }
}

#[test]
fn a_packet_of_zeroes_is_a_packet() {
    let port = Iocp::new(1).unwrap();
    post(&port, entry(0, 0, 0));
    assert_eq!(port.take(Some(Duration::ZERO)).unwrap(), Some(entry(0, 0, 0)));
    assert_eq!(port.take(Some(Duration::ZERO)).unwrap(), None);
}

#[test]
fn many_are_taken_as_many_as_fit() {
    let port = Iocp::new(1).unwrap();
    let mut entries = Entries::with_capacity(4);
    let posted: Vec<Entry> = (1..=5).map(|number| entry(number, 0, 0)).collect();
    posted.iter().for_each(|entry| post(&port, *entry));
    let first: Vec<Entry> = port.take_many(&mut entries, 3, None).unwrap().collect();
    let then: Vec<Entry> = port.take_many(&mut entries, 100, None).unwrap().collect();
    assert_eq!([first, then].concat(), posted);
    assert_eq!(port.take_many(&mut entries, 1, Some(Duration::ZERO)).unwrap().count(), 0);
}

#[test]
fn a_time_is_kept_to_its_end() {
    let port = Iocp::new(1).unwrap();
    for time in [Duration::from_nanos(1), Duration::from_micros(300), Duration::from_millis(3)] {
        let begin = Instant::now();
        assert_eq!(port.take(Some(time)).unwrap(), None);
        assert!(begin.elapsed() >= time, "{:?} for {time:?}", begin.elapsed());
    }
}

#[test]
fn a_time_is_rounded_up() {
    let cases = [(1, 1), (999_999, 1), (1_000_000, 1), (1_000_001, 2), (u64::MAX, INFINITE - 1)];
    for (nanoseconds, expected) in cases {
        assert_eq!(milliseconds(Duration::from_nanos(nanoseconds)), expected, "{nanoseconds} ns");
    }
    assert_eq!(milliseconds(Duration::MAX), INFINITE - 1);
}

#[test]
fn a_packet_wakes_a_thread_that_waits() {
    let port = Iocp::new(1).unwrap();
    let mut entries = Entries::with_capacity(2);
    thread::scope(|scope| {
        let one = scope.spawn(|| port.take(None).unwrap());
        post(&port, entry(1, 2, 3));
        assert_eq!(one.join().unwrap(), Some(entry(1, 2, 3)));
        let many = scope.spawn(|| port.take_many(&mut entries, 2, None).unwrap().collect::<Vec<_>>());
        post(&port, entry(4, 5, 6));
        assert_eq!(many.join().unwrap(), [entry(4, 5, 6)]);
    });
}

#[test]
fn a_socket_has_one_port() {
    let (first, second) = (Iocp::new(1).unwrap(), Iocp::new(1).unwrap());
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    first.associate_socket(socket.as_socket(), 7).unwrap();
    for port in [&first, &second] {
        let refused = port.associate_socket(socket.as_socket(), 7).unwrap_err();
        assert_eq!(refused.raw_os_error(), Some(87));
    }
    drop(first);
    assert!(second.associate_socket(socket.as_socket(), 7).is_err(), "until it is closed");
}

#[test]
fn handles_of_closed_ports_are_given_back() {
    // More than a process could have open at once, were they kept.
    for round in 0..20_000 {
        let port = Iocp::new(0).unwrap();
        port.post(0, round, ptr::null_mut()).unwrap();
    }
}
