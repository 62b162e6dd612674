//! A thousand sockets on one queue: each receives and answers, and nothing is lost or mixed up.

use ringport::{BackendChoice, BufferPool, Operation, Status};

use crate::alone::alone_on_each_backend;
use crate::common::rig::{bytes, plain};
use crate::common::system::descriptors_for;
use crate::common::until;
use crate::rig::{KINDS, few};

alone_on_each_backend!(a_thousand_sockets_receive_and_send, what_is_there_before_anybody_looks_is_found);

const SOCKETS: usize = 1000;
/// The replies to one of them fit into its socket.
const CLIENTS: usize = 8;

fn a_thousand_sockets_receive_and_send(choice: BackendChoice) -> Vec<BufferPool> {
    if !descriptors_for(SOCKETS + 200) {
        return Vec::new();
    }
    for (kind, make) in KINDS {
        let clients: Vec<_> = (0..CLIENTS).map(|_| plain()).collect();
        let mut many = make(choice, SOCKETS, few());
        for index in 0..SOCKETS {
            (0..4).for_each(|_| many.post(index, 1));
        }
        for round in 0..5_u32 {
            for index in 0..SOCKETS {
                let text = format!("{round} {index}");
                clients[index % CLIENTS].send_to(text.as_bytes(), many.address(index)).unwrap();
            }
            let (mut received, mut sent) = (vec![0; SOCKETS], 0);
            until(kind, || {
                for completion in many.dequeue(256) {
                    assert_eq!(completion.status(), Status::Success);
                    if completion.operation() == Operation::Send {
                        sent += 1;
                        continue;
                    }
                    let index = completion.socket_context() as usize;
                    assert_eq!(bytes(&completion), format!("{round} {index}").as_bytes());
                    received[index] += 1;
                    let peer = completion.peer().unwrap();
                    assert_eq!(peer, clients[index % CLIENTS].local_addr().unwrap());
                    many.send(index, bytes(&completion), peer);
                    many.post(index, 1);
                }
                (sent == SOCKETS).then_some(())
            });
            assert!(received.iter().all(|count| *count == 1), "{kind}: {received:?}");
            answers(&clients, round);
        }
    }
    Vec::new()
}

/// Each client has an answer from each of its sockets.
fn answers(clients: &[std::net::UdpSocket], round: u32) {
    for (number, client) in clients.iter().enumerate() {
        let mine = (number..SOCKETS).step_by(CLIENTS);
        let mut texts: Vec<_> = mine
            .clone()
            .map(|_| {
                let mut text = [0; 64];
                let length = client.recv(&mut text).unwrap();
                String::from_utf8(text[..length].to_vec()).unwrap()
            })
            .collect();
        let mut expected: Vec<_> = mine.map(|index| format!("{round} {index}")).collect();
        texts.sort_unstable();
        expected.sort_unstable();
        assert_eq!(texts, expected);
    }
}

/// The kernel runs the work of a few sockets a call; whoever only ever looks at memory must find that of the rest.
fn what_is_there_before_anybody_looks_is_found(choice: BackendChoice) -> Vec<BufferPool> {
    for (kind, make) in KINDS {
        for (sockets, most) in [(30, 1), (100, 1), (300, 7)] {
            let client = plain();
            let mut many = make(choice, sockets, few());
            (0..sockets).for_each(|index| many.post(index, 1));
            many.dequeue(most);
            for index in 0..sockets {
                client.send_to(b"x", many.address(index)).unwrap();
            }
            let mut found = vec![false; sockets];
            until(kind, || {
                for completion in many.dequeue(most) {
                    found[completion.socket_context() as usize] = true;
                }
                found.iter().all(|found| *found).then_some(())
            });
        }
    }
    Vec::new()
}
