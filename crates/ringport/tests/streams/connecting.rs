//! Connections made: in post order with the sends, over both families, refused where nobody listens.

use std::io::Read;
use std::net::TcpListener;

use ringport::net::Domain;
use ringport::{BackendChoice, Operation, RequestQueue, Status, StreamSocket};

use crate::common::nobody::nobody;
use crate::common::on_each_backend;
use crate::common::system::ECONNREFUSED;
use crate::rig::{LIMITS, none, pool, queue, take};

on_each_backend!(
    sends_posted_behind_it_leave_when_it_is_made,
    receives_may_be_posted_before,
    they_go_on_while_a_send_behind_it_waits,
    nobody_there_is_told,
    it_works_over_ipv6,
    receives_may_wait_in_another_queue,
);

fn sends_posted_behind_it_leave_when_it_is_made(choice: BackendChoice) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = StreamSocket::new(Domain::V4).unwrap();
    let (mut queue, pool) = (queue(choice), pool(8));
    let requests = RequestQueue::new(&socket, &queue, &queue, LIMITS, 7).unwrap();
    requests.connect(listener.local_addr().unwrap(), 1).unwrap();
    requests.send(pool.take_with(b"hello").unwrap(), 2).unwrap();
    requests.finish(3).unwrap();
    let done: Vec<_> = take(&mut queue, 3).iter().map(|done| (done.operation(), done.token())).collect();
    assert_eq!(done, [(Operation::Connect, 1), (Operation::Send, 2), (Operation::Finish, 3)]);
    let mut text = String::new();
    listener.accept().unwrap().0.read_to_string(&mut text).unwrap();
    assert_eq!(text, "hello");
}

fn receives_may_be_posted_before(choice: BackendChoice) {
    use std::io::Write;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = StreamSocket::new(Domain::V4).unwrap();
    let (mut queue, pool) = (queue(choice), pool(8));
    let requests = RequestQueue::new(&socket, &queue, &queue, LIMITS, 7).unwrap();
    requests.receive(pool.take().unwrap(), 1).unwrap();
    none(&mut queue);
    requests.connect(listener.local_addr().unwrap(), 2).unwrap();
    assert_eq!(take(&mut queue, 1)[0].operation(), Operation::Connect);
    none(&mut queue);
    listener.accept().unwrap().0.write_all(b"hello").unwrap();
    assert_eq!(take(&mut queue, 1)[0].bytes(), 5);
}

fn they_go_on_while_a_send_behind_it_waits(choice: BackendChoice) {
    use std::io::Write;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = StreamSocket::new(Domain::V4).unwrap();
    let (mut queue, small) = (queue(choice), pool(8));
    let large = crate::common::rig::pool(1 << 20, 7);
    let requests = RequestQueue::new(&socket, &queue, &queue, LIMITS, 7).unwrap();
    requests.receive(small.take().unwrap(), 10).unwrap();
    none(&mut queue);
    requests.connect(listener.local_addr().unwrap(), 0).unwrap();
    for token in 1..8 {
        requests.send(large.take_with(&vec![1; 1 << 20]).unwrap(), token).unwrap();
    }
    // The peer reads nothing before its greeting has arrived.
    let mut peer = listener.accept().unwrap().0;
    peer.write_all(b"greeting").unwrap();
    let mut before = 0;
    while take(&mut queue, 1)[0].operation() != Operation::Receive {
        before += 1;
    }
    assert!(before < 8, "all fitted into the socket");
    let reader = std::thread::spawn(move || peer.read_exact(&mut vec![0; 7 << 20]).unwrap());
    assert!(take(&mut queue, 8 - before).iter().all(|done| done.status() == Status::Success));
    reader.join().unwrap();
}

fn nobody_there_is_told(choice: BackendChoice) {
    let (_nobody, gone) = nobody();
    let socket = StreamSocket::new(Domain::V4).unwrap();
    let mut queue = queue(choice);
    let requests = RequestQueue::new(&socket, &queue, &queue, LIMITS, 7).unwrap();
    requests.connect(gone, 1).unwrap();
    let done = take(&mut queue, 1).remove(0);
    assert_eq!((done.operation(), done.status()), (Operation::Connect, Status::Failed(ECONNREFUSED)));
}

fn it_works_over_ipv6(choice: BackendChoice) {
    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        return eprintln!("skipped: no IPv6 here");
    };
    let socket = StreamSocket::new(Domain::V6).unwrap();
    let mut queue = queue(choice);
    let requests = RequestQueue::new(&socket, &queue, &queue, LIMITS, 7).unwrap();
    requests.connect(listener.local_addr().unwrap(), 1).unwrap();
    assert_eq!(take(&mut queue, 1)[0].status(), Status::Success);
    assert_eq!(listener.accept().unwrap().1, socket.local_addr().unwrap());
}

fn receives_may_wait_in_another_queue(choice: BackendChoice) {
    use std::io::Write;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = StreamSocket::new(Domain::V4).unwrap();
    let (mut receives, mut sends, pool) = (queue(choice), queue(choice), pool(8));
    let requests = RequestQueue::new(&socket, &receives, &sends, LIMITS, 7).unwrap();
    requests.receive(pool.take().unwrap(), 1).unwrap();
    none(&mut receives);
    requests.connect(listener.local_addr().unwrap(), 2).unwrap();
    assert_eq!(take(&mut sends, 1)[0].status(), Status::Success);
    listener.accept().unwrap().0.write_all(b"hello").unwrap();
    assert_eq!(take(&mut receives, 1)[0].bytes(), 5);
}
