//! Cancelling: each operation still posts its one packet.

use ringport::BackendChoice;
use ringport::net::Domain;
use ringport::port::CancelError;

use crate::common::on_each_backend;
use crate::setup::{connection, file, first_is_done, is_aborted, next, nothing, pool, port, socket, sorted};

on_each_backend!(
    one_of_many_is_cancelled,
    all_are_cancelled,
    the_others_go_on,
    nothing_to_cancel_is_not_found,
    an_accept_and_a_connect_are_cancelled,
    a_buffer_comes_back_untouched,
    cancelling_file_operations_leaves_one_packet_each,
);

fn one_of_many_is_cancelled(choice: BackendChoice) {
    let (port, socket) = (port(choice), socket());
    let associated = port.associate_udp(&socket, 1).unwrap();
    // The first waits in the system, the others behind it.
    for cancelled in [0, 2, 1] {
        associated.receive(vec![0; 8], 99).unwrap();
        let operations: Vec<_> = (0..4u64)
            .map(|context| associated.receive(vec![0; 8], context).unwrap().pending().unwrap())
            .collect();
        first_is_done(&port, &socket, 99);
        associated.cancel(operations[cancelled]).unwrap();
        let done = next(&port);
        assert!(is_aborted(&done) && done.context() == cancelled as u64, "{done:?}");
        assert_eq!(associated.cancel(operations[cancelled]), Err(CancelError::NotFound));
        nothing(&port);
        assert_eq!(associated.outstanding(), 3);
        assert_eq!(associated.cancel_all(), Ok(3));
        assert!(sorted(&port, 3).iter().all(is_aborted));
    }
}

fn all_are_cancelled(choice: BackendChoice) {
    let (port, pool) = (port(choice), pool());
    let (_client, stream) = connection(&port);
    let plain = socket();
    let datagrams = port.associate_udp(&plain, 1).unwrap();
    datagrams.receive(vec![0; 8], 99).unwrap();
    for context in 0..20 {
        stream.receive(pool.take().unwrap(), context).unwrap();
        datagrams.receive_from(pool.take().unwrap(), context + 20).unwrap();
    }
    first_is_done(&port, &plain, 99);
    assert_eq!((stream.cancel_all(), datagrams.cancel_all()), (Ok(20), Ok(20)));
    let done = sorted(&port, 40);
    assert!(done.iter().all(is_aborted));
    assert!(done.iter().enumerate().all(|(index, done)| done.context() == index as u64));
    nothing(&port);
    drop(done);
    assert_eq!(pool.figures().receiving, 0);
}

fn the_others_go_on(choice: BackendChoice) {
    let (port, socket) = (port(choice), socket());
    let associated = port.associate_udp(&socket, 1).unwrap();
    let first = associated.receive(vec![0; 8], 1).unwrap().pending().unwrap();
    associated.receive(vec![0; 8], 2).unwrap();
    associated.cancel(first).unwrap();
    assert!(is_aborted(&next(&port)));
    socket.to_std().unwrap().send_to(b"here", socket.local_addr().unwrap()).unwrap();
    let done = next(&port);
    assert_eq!((done.context(), done.received()), (2, &b"here"[..]));
}

fn nothing_to_cancel_is_not_found(choice: BackendChoice) {
    let (port, socket) = (port(choice), socket());
    let associated = port.associate_udp(&socket, 1).unwrap();
    assert_eq!(associated.cancel_all(), Err(CancelError::NotFound));
    let sent = associated.send_to(b"x".to_vec(), socket.local_addr().unwrap(), 1).unwrap();
    assert_eq!(associated.cancel(sent.pending().unwrap()), Err(CancelError::NotFound));
    // Done means done, whether its packet was taken or not.
    assert_eq!(next(&port).result().unwrap(), 1);
    assert_eq!(associated.cancel(sent.pending().unwrap()), Err(CancelError::NotFound));
    nothing(&port);
}

fn an_accept_and_a_connect_are_cancelled(choice: BackendChoice) {
    let port = port(choice);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listener = port.associate_listener(listener, 1).unwrap();
    let accept = listener.accept(1).unwrap().pending().unwrap();
    listener.cancel(accept).unwrap();
    let done = next(&port);
    assert!(is_aborted(&done) && done.into_stream().is_none());
    // Nobody answers from there (TEST-NET-1), so it waits, unless the machine has no way there at all.
    let stream = port.stream(Domain::V4, 2).unwrap();
    stream.connect("192.0.2.1:9".parse().unwrap(), 2).unwrap();
    match stream.cancel_all() {
        Ok(count) => assert!(count == 1 && is_aborted(&next(&port))),
        Err(CancelError::NotFound) => assert!(next(&port).result().is_err()),
        Err(other) => panic!("{other}"),
    }
    nothing(&port);
}

fn a_buffer_comes_back_untouched(choice: BackendChoice) {
    let (port, socket) = (port(choice), socket());
    let associated = port.associate_udp(&socket, 1).unwrap();
    associated.receive(b"as it was".to_vec(), 1).unwrap();
    associated.cancel_all().unwrap();
    let done = next(&port);
    assert!(is_aborted(&done) && done.bytes() == 0);
    assert_eq!(done.into_vec().unwrap(), b"as it was");
}

fn cancelling_file_operations_leaves_one_packet_each(choice: BackendChoice) {
    let port = port(choice);
    let associated = port.associate_file(file(b""), 1).unwrap();
    for round in 0..20u64 {
        let operations: Vec<_> = (0..50u64)
            .map(|context| associated.write_at(vec![1; 4096], context * 4096, round * 50 + context).unwrap())
            .collect();
        // Some are done, some under way, some wait.
        let found =
            operations.iter().filter(|started| associated.cancel(started.pending().unwrap()).is_ok()).count();
        let done = sorted(&port, 50);
        for (index, done) in done.iter().enumerate() {
            assert_eq!(done.context(), round * 50 + index as u64);
            assert!(is_aborted(done) || done.result().unwrap() == 4096);
        }
        assert!(done.iter().filter(|done| is_aborted(done)).count() <= found);
    }
    nothing(&port);
}
