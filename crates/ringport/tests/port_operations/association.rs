//! Associating: a key with each packet, one port a socket until it is closed, and limits.

use std::net::TcpListener;

use ringport::port::{PortError, StartError};
use ringport::{BackendChoice, CompletionPort, CompletionQueue, Limits, QueueError, RequestQueue, UdpSocket};

use crate::common::on_each_backend;
use crate::setup::{connection, file, next, pool, port, socket};

on_each_backend!(
    a_udp_socket_belongs_to_one_port_until_it_is_closed,
    a_stream_belongs_to_one_port_until_it_is_closed,
    a_socket_with_a_request_queue_is_refused_and_the_reverse,
    a_closed_port_takes_no_handles,
    the_limit_refuses_and_gives_the_buffer_back,
);
// It counts the descriptors of its process.
on_each_backend!(by crate::common::in_a_child: a_port_made_without_handles_needs_no_backend);

/// Windows keeps a socket with its first port until it is closed. Whether this result is what it has to be there: a
/// test that goes on has the Linux half before it.
fn stays<T>(result: &Result<T, PortError>) -> bool {
    let stays = cfg!(windows);
    assert!(!stays || matches!(result, Err(PortError::AssociatedBefore)));
    stays
}

fn is_taken<T>(result: &Result<T, PortError>) -> bool {
    matches!(result, Err(PortError::AlreadyAssociated))
}

fn a_udp_socket_belongs_to_one_port_until_it_is_closed(choice: BackendChoice) {
    let (first, second, socket) = (port(choice), port(choice), socket());
    let associated = first.associate_udp(&socket, 1).unwrap();
    let copy = UdpSocket::from(socket.to_std().unwrap());
    for port in [&first, &second] {
        assert!(is_taken(&port.associate_udp(&socket, 2)));
        assert!(is_taken(&port.associate_udp(&copy, 2)));
    }
    let clone = associated.clone();
    associated.receive(vec![0; 8], 1).unwrap();
    drop(associated);
    assert!(is_taken(&second.associate_udp(&socket, 2)));
    drop(clone);
    let again = second.associate_udp(&copy, 2);
    if stays(&again) {
        // The port that it is of takes it back.
        let associated = first.associate_udp(&socket, 3).unwrap();
        associated.receive(vec![0; 8], 5).unwrap();
        copy.to_std().unwrap().send_to(b"x", socket.local_addr().unwrap()).unwrap();
        assert_eq!((next(&first).context(), next(&first).key()), (1, 3));
        return;
    }
    let associated = again.unwrap();
    // The receive of the first port is gone: it does not take what comes.
    associated.receive(vec![0; 8], 5).unwrap();
    copy.to_std().unwrap().send_to(b"x", socket.local_addr().unwrap()).unwrap();
    assert_eq!((next(&second).context(), next(&first).context()), (5, 1));
}

fn a_stream_belongs_to_one_port_until_it_is_closed(choice: BackendChoice) {
    let (first, second) = (port(choice), port(choice));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let copy = listener.try_clone().unwrap();
    let again = listener.try_clone().unwrap();
    let associated = first.associate_listener(listener, 1).unwrap();
    assert!(is_taken(&second.associate_listener(copy, 1)));
    associated.close();
    let again = second.associate_listener(again, 1);
    if !stays(&again) {
        again.unwrap();
    }
}

fn a_socket_with_a_request_queue_is_refused_and_the_reverse(choice: BackendChoice) {
    let (port, socket) = (port(choice), socket());
    let queue = || CompletionQueue::builder(16).backend(choice).polled().unwrap();
    let (one, other) = (queue(), queue());
    let limits = |receives, sends| Limits { receives, receive_buffers: 1, sends, send_buffers: 1 };
    let requests = RequestQueue::new(&socket, &one, &one, limits(4, 4), 0).unwrap();
    assert!(is_taken(&port.associate_udp(&socket, 1)));
    let refused = RequestQueue::new(&socket, &other, &other, limits(1, 1), 0);
    assert!(matches!(refused, Err(QueueError::SocketTaken)));
    drop(requests);
    // One direction each is no conflict; any of them keeps a port away.
    let receives = RequestQueue::new(&socket, &one, &one, limits(4, 0), 0).unwrap();
    let sends = RequestQueue::new(&socket, &other, &other, limits(0, 4), 0).unwrap();
    drop(receives);
    assert!(is_taken(&port.associate_udp(&socket, 1)));
    drop(sends);
    let associated = port.associate_udp(&socket, 1);
    if stays(&associated) {
        return the_reverse(&port, choice);
    }
    let associated = associated.unwrap();
    let refused = RequestQueue::new(&socket, &one, &one, limits(1, 0), 0);
    assert!(matches!(refused, Err(QueueError::SocketTaken)));
    drop(associated);
    RequestQueue::new(&socket, &one, &one, limits(1, 1), 0).unwrap();
}

/// As the end of the test above, with a socket that was no queue's before.
fn the_reverse(port: &CompletionPort, choice: BackendChoice) {
    let (socket, queue) = (socket(), CompletionQueue::builder(16).backend(choice).polled().unwrap());
    let associated = port.associate_udp(&socket, 1).unwrap();
    let limits = Limits { receives: 1, receive_buffers: 1, sends: 1, send_buffers: 1 };
    let refused = RequestQueue::new(&socket, &queue, &queue, limits, 0);
    assert!(matches!(refused, Err(QueueError::SocketTaken)));
    drop(associated);
    RequestQueue::new(&socket, &queue, &queue, limits, 0).unwrap();
}

fn a_closed_port_takes_no_handles(choice: BackendChoice) {
    for used in [false, true] {
        let (port, socket) = (port(choice), socket());
        let before = used.then(|| port.associate_udp(&socket, 1).unwrap());
        port.close();
        let refused = port.associate_file(file(b""), 1).unwrap_err();
        assert!(matches!(refused, PortError::Closed), "{refused:?}");
        if let Some(associated) = before {
            let refused = associated.receive(pool().take().unwrap(), 1).unwrap_err();
            assert_eq!((refused.error, refused.buffer.capacity()), (StartError::Closed, 256));
        }
        // The socket is free for another port.
        let again = crate::setup::port(choice).associate_udp(&socket, 1);
        if !used || !stays(&again) {
            again.unwrap();
        }
    }
}

fn the_limit_refuses_and_gives_the_buffer_back(choice: BackendChoice) {
    let port = port(choice);
    let (_client, stream) = connection(&port);
    stream.set_limit(3).unwrap();
    (0..3).for_each(|context| drop(stream.receive(vec![0; 8], context).unwrap()));
    let refused = stream.receive(vec![4; 9], 3).unwrap_err();
    assert_eq!(refused.error, StartError::LimitReached { limit: 3 });
    assert_eq!(refused.buffer, [4; 9]);
    assert!(refused.to_string().contains('3') && refused.to_string().contains("set_limit"));
    assert_eq!(stream.outstanding(), 3);
    stream.set_limit(4).unwrap();
    stream.receive(refused.buffer, 3).unwrap();
    assert_eq!(stream.cancel_all(), Ok(4));
    let contexts: Vec<_> = (0..4).map(|_| next(&port).context()).collect();
    assert_eq!(contexts.len(), 4);
    let wrong = stream.set_limit(usize::MAX).unwrap_err();
    assert_eq!((wrong.asked, wrong.most), (usize::MAX, 1 << 20));
}

fn a_port_made_without_handles_needs_no_backend(choice: BackendChoice) {
    let before = crate::common::system::descriptors();
    let ports: Vec<CompletionPort> = (0..300).map(|_| port(choice)).collect();
    ports.iter().for_each(|port| port.post(1, 2).unwrap());
    assert!(crate::common::system::descriptors() < before + 200);
}
