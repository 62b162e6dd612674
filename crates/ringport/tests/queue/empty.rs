//! Datagrams without bytes: each completes one receive, and nothing is lost after them.

use ringport::{BackendChoice, ChainMut, Receive, Status};

use crate::common::on_each_backend;
use crate::common::rig::{Rig, bytes, limits};

on_each_backend!(
    an_empty_datagram_completes_a_receive,
    a_thousand_in_a_row,
    empty_and_other_datagrams_take_turns,
    an_empty_datagram_fills_a_chain,
    an_empty_slice_is_sent_as_an_empty_datagram,
);

fn kinds() -> [Receive; 2] {
    [Receive::new(), Receive::new().addresses()]
}

fn an_empty_datagram_completes_a_receive(choice: BackendChoice) {
    for (options, addresses) in kinds().into_iter().zip([false, true]) {
        let mut rig = Rig::new(choice, limits(3, 1));
        for token in 0..3 {
            rig.requests.receive_with(rig.filled(b"leftovers"), options, token).unwrap();
        }
        rig.take_none();
        rig.arrive(b"");
        let first = rig.take_one();
        assert_eq!((first.token(), first.status(), first.bytes()), (0, Status::Success, 0));
        assert!(bytes(&first).is_empty());
        assert_eq!(first.peer(), addresses.then(|| rig.client_address()));
        rig.take_none();
        rig.arrive(b"after it");
        let second = rig.take_one();
        assert_eq!((second.token(), bytes(&second)), (1, &b"after it"[..]));
        assert_eq!(second.peer(), addresses.then(|| rig.client_address()));
    }
}

fn a_thousand_in_a_row(choice: BackendChoice) {
    for options in kinds() {
        let mut rig = Rig::new(choice, limits(1001, 1));
        for token in 0..1001 {
            rig.requests.receive_with(rig.marked(token), options, token).unwrap();
        }
        let mut next = 0;
        for _ in 0..10 {
            (0..100).for_each(|_| rig.arrive(b""));
            for completion in rig.take(100) {
                assert_eq!((completion.token(), completion.bytes()), (next, 0));
                assert_eq!(completion.buffer().unwrap().context(), next);
                next += 1;
            }
        }
        rig.arrive(b"the last");
        assert_eq!(bytes(&rig.take_one()), b"the last");
    }
}

fn empty_and_other_datagrams_take_turns(choice: BackendChoice) {
    for options in kinds() {
        let mut rig = Rig::new(choice, limits(60, 1));
        for round in 0..10u8 {
            for token in 0..60 {
                rig.requests.receive_with(rig.marked(token), options, token).unwrap();
            }
            let length = |token: u8| usize::from(token) * usize::from(!(token + round).is_multiple_of(4));
            for token in 0..60u8 {
                rig.arrive(&vec![token; length(token)]);
            }
            for (token, completion) in (0..60u8).zip(rig.take(60)) {
                assert_eq!(completion.token(), u64::from(token));
                assert_eq!(bytes(&completion), vec![token; length(token)]);
            }
        }
    }
}

fn an_empty_datagram_fills_a_chain(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(2, 1));
    let chain: ChainMut = [rig.filled(b"left"), rig.filled(b"over")].into_iter().collect();
    rig.requests.receive(chain, 0).unwrap();
    rig.post(1..2);
    rig.arrive(b"");
    rig.arrive(b"next");
    let mut taken = rig.take(2);
    assert_eq!(bytes(&taken[1]), b"next");
    let first = taken.swap_remove(0);
    assert_eq!((first.token(), first.bytes(), first.status()), (0, 0, Status::Success));
}

fn an_empty_slice_is_sent_as_an_empty_datagram(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 3));
    let to = rig.client_address();
    rig.requests.send_to(rig.filled(b""), to, 0).unwrap();
    rig.requests.send_to(rig.filled(b"x"), to, 1).unwrap();
    rig.requests.send_to(rig.filled(b"").freeze(), to, 2).unwrap();
    assert_eq!((rig.reply(), rig.reply(), rig.reply()), (vec![], b"x".to_vec(), vec![]));
    let sizes: Vec<_> = rig.take(3).iter().map(|sent| sent.result().unwrap()).collect();
    assert_eq!(sizes, [0, 1, 0]);
}
