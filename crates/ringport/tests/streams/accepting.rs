//! Connections taken: in the order they came, as many as accepts are posted, and served on afterwards.

use std::net::TcpStream;

use ringport::{BackendChoice, Limits, Operation, RequestQueue, Status, StreamListener};

use crate::common::on_each_backend;
use crate::rig::{LIMITS, none, pool, queue, take};

on_each_backend!(
    each_accept_takes_one_connection,
    connections_wait_for_an_accept,
    an_accepted_connection_is_served_by_the_same_queue,
    accepts_are_bounded_and_cancelled,
    cancelled_accepts_leave_nothing_to_a_listener_of_another_family,
    connections_that_nobody_waited_for_are_the_next,
    connections_that_nobody_took_are_closed,
    an_accept_less_than_the_connections_leaves_the_others_alone,
);

pub(crate) const ACCEPTS: Limits = Limits { receives: 4, receive_buffers: 1, sends: 0, send_buffers: 0 };

fn each_accept_takes_one_connection(choice: BackendChoice) {
    let listener = StreamListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = queue(choice);
    let requests = RequestQueue::new(&listener, &queue, &queue, ACCEPTS, 7).unwrap();
    for round in 0..5 {
        for token in 0..4 {
            requests.accept(token).unwrap();
        }
        let clients: Vec<_> = (0..4).map(|_| TcpStream::connect(address).unwrap()).collect();
        let done = take(&mut queue, 4);
        for (token, (done, client)) in done.into_iter().zip(&clients).enumerate() {
            assert_eq!((done.operation(), done.token()), (Operation::Accept, token as u64), "round {round}");
            assert_eq!(done.socket_context(), 7);
            let socket = done.into_stream().unwrap();
            assert_eq!(socket.peer_addr().unwrap(), client.local_addr().unwrap());
        }
    }
}

fn connections_wait_for_an_accept(choice: BackendChoice) {
    let listener = StreamListener::bind("127.0.0.1:0").unwrap();
    let mut queue = queue(choice);
    let requests = RequestQueue::new(&listener, &queue, &queue, ACCEPTS, 7).unwrap();
    requests.accept(0).unwrap();
    let clients: Vec<_> =
        (0..3).map(|_| TcpStream::connect(listener.local_addr().unwrap()).unwrap()).collect();
    for (token, client) in clients.iter().enumerate() {
        let socket = take(&mut queue, 1).remove(0).into_stream().unwrap();
        assert_eq!(socket.peer_addr().unwrap(), client.local_addr().unwrap());
        none(&mut queue);
        requests.accept(token as u64 + 1).unwrap();
    }
}

fn an_accepted_connection_is_served_by_the_same_queue(choice: BackendChoice) {
    use std::io::Write;
    let listener = StreamListener::bind("127.0.0.1:0").unwrap();
    let (mut queue, pool) = (queue(choice), pool(8));
    let accepts = RequestQueue::new(&listener, &queue, &queue, ACCEPTS, 7).unwrap();
    accepts.accept(0).unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    client.write_all(b"hello").unwrap();
    let socket = take(&mut queue, 1).remove(0).into_stream().unwrap();
    let requests = RequestQueue::new(&socket, &queue, &queue, LIMITS, 8).unwrap();
    requests.receive(pool.take().unwrap(), 1).unwrap();
    assert_eq!(take(&mut queue, 1)[0].bytes(), 5);
}

fn cancelled_accepts_leave_nothing_to_a_listener_of_another_family(choice: BackendChoice) {
    let mut queue = queue(choice);
    for address in ["127.0.0.1:0", "[::1]:0", "127.0.0.1:0"] {
        let listener = StreamListener::bind(address).unwrap();
        let requests = RequestQueue::new(&listener, &queue, &queue, ACCEPTS, 7).unwrap();
        for token in 0..4 {
            requests.accept(token).unwrap();
        }
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let socket = take(&mut queue, 1).remove(0).into_stream().unwrap();
        assert_eq!(socket.peer_addr().unwrap(), client.local_addr().unwrap());
        drop(requests);
        assert!(take(&mut queue, 3).iter().all(|done| done.status() == Status::Aborted));
    }
}

fn accepts_are_bounded_and_cancelled(choice: BackendChoice) {
    let listener = StreamListener::bind("127.0.0.1:0").unwrap();
    let mut queue = queue(choice);
    let requests = RequestQueue::new(&listener, &queue, &queue, ACCEPTS, 7).unwrap();
    for token in 0..4 {
        requests.accept(token).unwrap();
    }
    assert!(requests.accept(4).is_err());
    requests.cancel();
    let done = take(&mut queue, 4);
    assert!(
        done.iter().all(|done| done.status() == Status::Aborted && done.operation() == Operation::Accept)
    );
    requests.accept(5).unwrap();
    let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    assert!(take(&mut queue, 1).remove(0).into_stream().is_some());
}

/// An accept that stays armed in the kernel may take more than was posted: what it took is given first.
fn connections_that_nobody_waited_for_are_the_next(choice: BackendChoice) {
    let listener = StreamListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = queue(choice);
    let requests = RequestQueue::new(&listener, &queue, &queue, ACCEPTS, 7).unwrap();
    let mut random = crate::common::Random::new(11);
    let (mut clients, mut accepted) = (std::collections::VecDeque::new(), 0);
    for _ in 0..100 {
        let some = 1 + random.below(4);
        (0..some).for_each(|token| requests.accept(token as u64).unwrap());
        if random.below(2) == 0 {
            none_but_accepts(&mut queue, &mut clients, &mut accepted);
        }
        let coming = random.below(6);
        clients.extend((0..coming).map(|_| TcpStream::connect(address).unwrap()));
        while requests.outstanding().receives > 0 {
            if clients.is_empty() {
                clients.push_back(TcpStream::connect(address).unwrap());
            }
            none_but_accepts(&mut queue, &mut clients, &mut accepted);
        }
    }
    assert!(accepted > 100);
}

/// Takes what there is: each is the oldest connection that was not taken.
fn none_but_accepts(
    queue: &mut ringport::CompletionQueue<ringport::queue::Polled>,
    clients: &mut std::collections::VecDeque<TcpStream>,
    accepted: &mut usize,
) {
    let mut completions = ringport::Completions::with_capacity(4);
    queue.dequeue(&mut completions);
    for done in completions.drain() {
        let socket = done.into_stream().unwrap();
        let client = clients.pop_front().unwrap();
        assert_eq!(socket.peer_addr().unwrap(), client.local_addr().unwrap());
        *accepted += 1;
    }
}

fn connections_that_nobody_took_are_closed(choice: BackendChoice) {
    use std::io::Read;
    let listener = StreamListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = queue(choice);
    let requests = RequestQueue::new(&listener, &queue, &queue, ACCEPTS, 7).unwrap();
    (0..3).for_each(|token| requests.accept(token).unwrap());
    none(&mut queue);
    let clients: Vec<_> = (0..6).map(|_| TcpStream::connect(address).unwrap()).collect();
    drop(take(&mut queue, 3));
    none(&mut queue);
    drop((requests, queue, listener));
    for client in clients {
        client.set_read_timeout(Some(crate::common::PATIENCE)).unwrap();
        let ended = (&client).read(&mut [0]).map_err(|error| error.kind());
        assert!(matches!(ended, Ok(0) | Err(std::io::ErrorKind::ConnectionReset)), "{ended:?}");
    }
}

fn an_accept_less_than_the_connections_leaves_the_others_alone(choice: BackendChoice) {
    let listener = StreamListener::bind("127.0.0.1:0").unwrap();
    let mut queue = queue(choice);
    let requests = RequestQueue::new(&listener, &queue, &queue, ACCEPTS, 7).unwrap();
    requests.accept(0).unwrap();
    none(&mut queue);
    let _clients: Vec<_> =
        (0..3).map(|_| TcpStream::connect(listener.local_addr().unwrap()).unwrap()).collect();
    take(&mut queue, 1);
    none(&mut queue);
    drop((requests, queue));
    // They are in the system's queue, for whoever comes next.
    let plain: std::net::TcpListener = socket2::SockRef::from(&listener).try_clone().unwrap().into();
    assert!(plain.accept().is_ok() && plain.accept().is_ok());
}
