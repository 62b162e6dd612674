//! Control data that does not fit before the payload: told, and never taken for all there was.

use ringport::net::ControlMessage;
use ringport::{BackendChoice, BufferPool, ChainMut, Completion, Lock, Receive, Status, UdpSocket};

use crate::common::on_each_backend;
use crate::common::rig::{Rig, limits};

on_each_backend!(
    what_fits_is_not_cut,
    what_does_not_fit_is_told,
    a_receive_that_asked_for_nothing_misses_nothing,
    it_is_told_of_each_datagram_by_itself,
);

/// Whether sockets tell when a datagram was received.
const TIMED: bool = cfg!(target_os = "linux");

/// A rig whose socket gives the local address and the time: 64 bytes over IPv4.
fn rig(choice: BackendChoice, control: usize) -> Rig {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.packet_info(true).unwrap();
    if TIMED {
        socket.timestamps(true).unwrap();
    }
    let mut rig = Rig::with_socket(choice, limits(4, 1), socket);
    let builder = BufferPool::builder().slice_size(100).slices_per_region(16).control(control);
    rig.pool = builder.lock(Lock::Off).build().unwrap();
    rig
}

/// Receives one datagram into one slice, or into a chain of two.
fn receive(rig: &mut Rig, chained: bool, options: Receive) -> Completion {
    if chained {
        let chain: ChainMut = (0..2).map(|_| rig.pool.take().unwrap()).collect();
        rig.requests.receive_with(chain, options, 0).unwrap();
    } else {
        rig.requests.receive_with(rig.marked(0), options, 0).unwrap();
    }
    rig.arrive(b"payload");
    let completion = rig.take_one();
    assert_eq!((completion.status(), completion.bytes()), (Status::Success, 7));
    completion
}

fn has_time(completion: &Completion) -> bool {
    completion.control().any(|message| matches!(message, ControlMessage::Timestamp(_)))
}

fn what_fits_is_not_cut(choice: BackendChoice) {
    let mut rig = rig(choice, 64);
    for chained in [false, true] {
        let completion = receive(&mut rig, chained, Receive::new().addresses());
        assert!(has_time(&completion) == TIMED && completion.local() == Some(rig.address.ip()));
        assert!(!completion.control_truncated());
    }
}

fn what_does_not_fit_is_told(choice: BackendChoice) {
    let mut rig = rig(choice, 0);
    for chained in [false, true] {
        let completion = receive(&mut rig, chained, Receive::new().addresses());
        assert!(completion.control_truncated());
        assert!(!has_time(&completion) && completion.local().is_none());
        assert_eq!(completion.peer(), Some(rig.client_address()), "the address has room of its own");
    }
}

fn a_receive_that_asked_for_nothing_misses_nothing(choice: BackendChoice) {
    let mut rig = rig(choice, 0);
    for chained in [false, true] {
        assert!(!receive(&mut rig, chained, Receive::new()).control_truncated());
        assert!(receive(&mut rig, chained, Receive::new().addresses()).control_truncated());
        assert!(!receive(&mut rig, chained, Receive::new()).control_truncated());
    }
}

fn it_is_told_of_each_datagram_by_itself(choice: BackendChoice) {
    let mut rig = rig(choice, 0);
    if TIMED {
        rig.socket.timestamps(false).unwrap();
    }
    for cut in [true, false, true, false] {
        rig.socket.packet_info(cut).unwrap();
        assert_eq!(receive(&mut rig, false, Receive::new().addresses()).control_truncated(), cut);
    }
}
