//! A send that is larger than may be sent fails by itself: its buffer comes back, and the others go on.

use ringport::net::{ControlBuffer, Ecn};
use ringport::queue::OperationError;
use ringport::{BackendChoice, ChainMut, Completion, Operation, Send, Status, UdpSocket};

use crate::common::families::has_v6;
use crate::common::on_each_backend;
use crate::common::rig::{Rig, bytes, limits, pool};
use crate::common::system::{EMSGSIZE, lacked_by_wine};

on_each_backend!(
    it_is_told_and_its_buffer_comes_back,
    the_others_of_its_batch_leave,
    what_is_not_to_be_cut_is_told,
    a_connected_socket_goes_on,
);

/// One more than a datagram of IPv4 has at most.
const TOO_MANY: usize = 65_508;

/// A rig with slices for datagrams of any size.
fn rig(choice: BackendChoice, address: &str) -> Rig {
    let mut rig = Rig::with_socket(choice, limits(2, 16), UdpSocket::bind(address).unwrap());
    rig.pool = pool(65_536, 24);
    rig.socket.set_send_buffer(1 << 20).unwrap();
    rig
}

fn is_too_large(completion: &Completion, bytes: usize) -> bool {
    assert_eq!(completion.operation(), Operation::Send);
    assert_eq!((completion.status(), completion.bytes()), (Status::Failed(EMSGSIZE), 0));
    matches!(completion.result(), Err(OperationError::TooLarge { asked }) if asked == bytes)
}

fn it_is_told_and_its_buffer_comes_back(choice: BackendChoice) {
    let mut rig = rig(choice, "127.0.0.1:0");
    rig.post(0..2);
    for round in 0..3 {
        let large = vec![round; TOO_MANY];
        rig.requests.send_to(rig.filled(&large), rig.client_address(), 9).unwrap();
        let completion = rig.take_one();
        assert!(is_too_large(&completion, TOO_MANY), "{:?}", completion.result());
        assert_eq!(completion.into_unique().unwrap()[..], large);

        let chain: ChainMut = [rig.filled(&large), rig.filled(b"and more")].into_iter().collect();
        rig.requests.send_with(chain, Send::new().to(rig.client_address()), 9).unwrap();
        assert!(is_too_large(&rig.take_one(), TOO_MANY + 8));
        let shared = rig.filled(&large).freeze();
        rig.requests.send_to(shared.clone(), rig.client_address(), 9).unwrap();
        assert!(is_too_large(&rig.take_one(), TOO_MANY));
        drop(shared);

        rig.requests.send_to(rig.filled(&large[1..]), rig.client_address(), 10).unwrap();
        assert_eq!(rig.take_one().result().unwrap(), TOO_MANY - 1);
        assert_eq!(rig.reply(), large[1..]);
    }
    assert_eq!(rig.requests.outstanding().receives, 2);
    for token in 0..2 {
        rig.arrive(b"still there");
        let completion = rig.take_one();
        assert_eq!((completion.token(), bytes(&completion)), (token, &b"still there"[..]));
    }
    let counters = rig.requests.counters();
    assert_eq!((counters.unreachable, counters.failed), (0, 9), "{counters:?}");
    assert_eq!(rig.pool.figures().used, 0);
}

fn the_others_of_its_batch_leave(choice: BackendChoice) {
    let mut rig = rig(choice, "127.0.0.1:0");
    let mut marks = ControlBuffer::new();
    marks.ecn(Ecn::Capable0).unwrap();
    let lengths = [100, 100, TOO_MANY, 100, 100, 50, TOO_MANY, TOO_MANY, 100, TOO_MANY];
    for marked in [false, true] {
        for (token, length) in (0..).zip(lengths) {
            let mut options = Send::new().to(rig.client_address()).defer();
            if marked {
                options = options.control(&marks);
            }
            rig.requests.send_with(rig.filled(&vec![token as u8; length]), options, token).unwrap();
        }
        rig.requests.commit();
        for ((token, length), completion) in (0..).zip(lengths).zip(rig.take(lengths.len())) {
            assert_eq!(completion.token(), token);
            if length == TOO_MANY {
                assert!(is_too_large(&completion, length));
            } else {
                assert_eq!((completion.status(), completion.bytes()), (Status::Success, length));
                assert_eq!(rig.reply(), vec![token as u8; length]);
            }
        }
    }
}

fn what_is_not_to_be_cut_is_told(choice: BackendChoice) {
    // The loopback interface takes 65,536 bytes with headers, which is less than a datagram of IPv6 may have.
    const FITS: usize = 65_536 - 48;
    if !has_v6() {
        return eprintln!("skipped: this machine has no IPv6 on its loopback interface");
    }
    if lacked_by_wine("way to have datagrams of IPv6 cut or not") {
        return;
    }
    let mut rig = rig(choice, "[::1]:0");
    rig.client = std::net::UdpSocket::bind("[::1]:0").unwrap();
    for whole in [true, false] {
        rig.socket.dont_fragment(whole).unwrap();
        for length in [FITS, FITS + 1, FITS] {
            rig.requests.send_to(rig.filled(&vec![7; length]), rig.client_address(), 9).unwrap();
            let completion = rig.take_one();
            if whole && length > FITS {
                assert!(is_too_large(&completion, length));
            } else {
                assert_eq!(completion.result().unwrap(), length);
                assert_eq!(rig.reply().len(), length);
            }
        }
    }
}

fn a_connected_socket_goes_on(choice: BackendChoice) {
    let mut rig = rig(choice, "127.0.0.1:0");
    rig.socket.connect(rig.client_address()).unwrap();
    for _ in 0..3 {
        rig.requests.send(rig.filled(&vec![7; TOO_MANY]), 9).unwrap();
        assert!(is_too_large(&rig.take_one(), TOO_MANY));
        rig.requests.send(rig.filled(b"small"), 10).unwrap();
        assert_eq!(rig.take_one().result().unwrap(), 5);
        assert_eq!(rig.reply(), b"small");
    }
}
