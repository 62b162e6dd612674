//! Operations that are done at once and post no packet, where the handle says so.

use ringport::BackendChoice;
use ringport::port::Started;

use crate::common::on_each_backend;
use crate::common::system::EDESTADDRREQ;
use crate::setup::{connection, error, file, next, nothing, port, socket};

on_each_backend!(
    what_is_done_at_once_posts_no_packet,
    what_has_to_wait_posts_its_packet,
    a_failure_at_once_is_told_at_once,
    it_is_off_until_asked_for_and_again_after,
    it_is_off_again_when_a_socket_comes_back,
    a_cached_read_is_told_at_once_or_by_packet_never_both,
    a_cached_file_that_ends_in_the_buffer_is_read_at_once,
);

fn what_is_done_at_once_posts_no_packet(choice: BackendChoice) {
    let (port, socket) = (port(choice), socket());
    let associated = port.associate_udp(&socket, 1).unwrap();
    associated.skip_on_success(true);
    let address = socket.local_addr().unwrap();
    let Started::Done(sent) = associated.send_to(b"at once".to_vec(), address, 5).unwrap() else {
        panic!("there was room")
    };
    assert_eq!((sent.result().unwrap(), sent.context(), sent.key()), (7, 5, 1));
    let Started::Done(received) = associated.receive_from(vec![0; 16], 6).unwrap() else {
        panic!("it was there")
    };
    assert_eq!((received.received(), received.peer()), (&b"at once"[..], Some(address)));
    nothing(&port);
}

fn what_has_to_wait_posts_its_packet(choice: BackendChoice) {
    let port = port(choice);
    let (client, stream) = connection(&port);
    stream.skip_on_success(true);
    let started = stream.receive(vec![0; 16], 6).unwrap();
    assert!(started.pending().is_some());
    std::io::Write::write_all(&mut &client, b"later").unwrap();
    assert_eq!(next(&port).received(), b"later");
    nothing(&port);
}

fn a_failure_at_once_is_told_at_once(choice: BackendChoice) {
    let (port, socket) = (port(choice), socket());
    let associated = port.associate_udp(&socket, 1).unwrap();
    associated.skip_on_success(true);
    let Started::Done(done) = associated.send(b"to whom?".to_vec(), 5).unwrap() else { panic!("it cannot") };
    assert_eq!(error(&done), Some(EDESTADDRREQ));
    nothing(&port);
}

fn it_is_off_until_asked_for_and_again_after(choice: BackendChoice) {
    let (port, socket) = (port(choice), socket());
    let associated = port.associate_udp(&socket, 1).unwrap();
    let address = socket.local_addr().unwrap();
    for skip in [false, true, false] {
        associated.skip_on_success(skip);
        let started = associated.send_to(b"x".to_vec(), address, 5).unwrap();
        assert_eq!(matches!(started, Started::Done(_)), skip);
        if !skip {
            assert_eq!(next(&port).context(), 5);
        }
        nothing(&port);
    }
}

/// The system may not forget what it was told of the socket.
fn it_is_off_again_when_a_socket_comes_back(choice: BackendChoice) {
    let (port, socket) = (port(choice), socket());
    let address = socket.local_addr().unwrap();
    for _ in 0..3 {
        let associated = port.associate_udp(&socket, 1).unwrap();
        assert!(associated.send_to(b"x".to_vec(), address, 4).unwrap().pending().is_some());
        assert_eq!(next(&port).context(), 4);
        associated.skip_on_success(true);
        assert!(associated.send_to(b"x".to_vec(), address, 5).unwrap().pending().is_none());
        nothing(&port);
    }
}

fn a_cached_read_is_told_at_once_or_by_packet_never_both(choice: BackendChoice) {
    let port = port(choice);
    let associated = port.associate_file(file(&[3; 4096]), 1).unwrap();
    associated.skip_on_success(true);
    for context in 0..50 {
        let done = match associated.read_at(Vec::with_capacity(4096), 0, context).unwrap() {
            Started::Done(done) => done,
            Started::Pending(_) => next(&port),
        };
        assert_eq!((done.received(), done.context()), (&[3; 4096][..], context));
    }
    nothing(&port);
}

fn a_cached_file_that_ends_in_the_buffer_is_read_at_once(choice: BackendChoice) {
    let port = port(choice);
    let associated = port.associate_file(file(b"0123456789"), 1).unwrap();
    associated.skip_on_success(true);
    // Not every file system reads without waiting; this one is asked by a buffer that the file fills.
    if let Started::Pending(_) = associated.read_at(vec![0; 10].into_boxed_slice(), 0, 5).unwrap() {
        println!("skipped: the file system of the temporary directory does not read without waiting");
        return;
    }
    for (offset, expected) in [(0, &b"0123456789"[..]), (7, b"789"), (10, b"")] {
        let Started::Done(done) = associated.read_at(vec![0; 16].into_boxed_slice(), offset, 6).unwrap()
        else {
            panic!("from {offset} on it is in memory up to its end")
        };
        assert_eq!(done.received(), expected);
    }
    nothing(&port);
}
