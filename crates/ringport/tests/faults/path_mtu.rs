//! Datagrams that are larger than their way takes: each is told or cut as the socket says, and nothing else suffers.
//!
//! On Linux only: it takes namespaces of networks.

use std::iter::from_fn;
use std::sync::{Mutex, mpsc};

use ringport::net::{ControlBuffer, DontFragment, PathError, gro_supported, gso_supported, path_mtu};
use ringport::queue::OperationError;
use ringport::{BackendChoice, BufferPool, Completion, Send, UdpSocket};

use crate::alone::alone_on_each_backend;
use crate::common::rig::{Rig, limits, pool};
use crate::common::{device, until};
use crate::narrow::{DEVICE, Family, NARROW, Narrow};
use crate::ways::{client, next, registered_ways};

alone_on_each_backend!(in two networks:
    what_the_device_does_not_take_is_told,
    what_a_router_does_not_take_is_told,
    a_router_that_speaks_of_an_earlier_datagram_harms_none,
    sends_that_leave_together_fail_alone,
    answers_that_leave_together_are_dropped_alone,
);

/// A rig whose socket keeps what is said of its datagrams, or not; two receives are posted.
fn rig(choice: BackendChoice, family: Family, keeps: bool) -> Rig {
    let socket = UdpSocket::bind((family.bind, 0)).unwrap();
    socket.path_errors(keeps).unwrap();
    let mut rig = Rig::with_socket(choice, limits(2, 16), socket);
    rig.pool = pool(2048, 32);
    rig.post(0..2);
    rig
}

fn send(rig: &mut Rig, family: Family, packet: usize) -> Completion {
    let datagram = rig.filled(&vec![7; packet - family.headers]);
    rig.requests.send_to(datagram, family.peer, 9).unwrap();
    rig.take_one()
}

fn is_too_large(completion: &Completion) -> bool {
    matches!(completion.result(), Err(OperationError::TooLarge { .. }))
}

/// Both receives are posted still, and get what comes.
fn receives_go_on(rig: &mut Rig) {
    assert_eq!(rig.requests.outstanding().receives, 2);
    let address = rig.socket.local_addr().unwrap();
    let loopback = if address.is_ipv4() { "127.0.0.1:0" } else { "[::1]:0" };
    let client = std::net::UdpSocket::bind(loopback).unwrap();
    let to = if address.ip().is_unspecified() { client.local_addr().unwrap().ip() } else { address.ip() };
    for token in 0..2 {
        client.send_to(b"still there", (to, address.port())).unwrap();
        let completion = rig.take_one();
        assert_eq!((completion.token(), completion.bytes()), (token, 11));
    }
}

fn what_the_device_does_not_take_is_told(choice: BackendChoice) -> Vec<BufferPool> {
    let narrow = Narrow::new();
    let mut pools = Vec::new();
    for family in narrow.families() {
        let mut rig = rig(choice, family, true);
        assert_eq!(path_mtu(family.peer).unwrap().packet(), DEVICE);
        for how in [DontFragment::KnownPath, DontFragment::Probe] {
            rig.socket.dont_fragment(how).unwrap();
            assert!(is_too_large(&send(&mut rig, family, DEVICE + 1)), "{family:?} {how:?}");
            // This machine says so as a router would, once for each time it was tried.
            let said: Vec<_> = from_fn(|| rig.socket.take_path_error().unwrap()).collect();
            assert!(!said.is_empty(), "{family:?}");
            for said in said {
                let PathError::TooLarge { peer, mtu } = said else { panic!("{family:?}: {said:?}") };
                assert_eq!((peer.ip(), mtu.packet()), (family.peer.ip(), DEVICE), "{family:?}");
                assert_eq!(mtu.datagram(), DEVICE - family.headers, "{family:?}");
            }
            assert_eq!(send(&mut rig, family, DEVICE).result().unwrap(), DEVICE - family.headers);
            let packet = narrow.packet();
            assert!(packet.length() == DEVICE && packet.is_whole_for_ever(), "{family:?} {how:?}");
        }
        rig.socket.dont_fragment(DontFragment::Off).unwrap();
        send(&mut rig, family, DEVICE + 1).result().unwrap();
        let fragments = [narrow.packet(), narrow.packet()];
        assert!(fragments.iter().all(|packet| packet.length() <= DEVICE), "{family:?}");
        assert_eq!(rig.socket.take_path_error().unwrap(), None, "{family:?}");
        receives_go_on(&mut rig);
        pools.push(rig.pool.clone());
    }
    pools
}

fn what_a_router_does_not_take_is_told(choice: BackendChoice) -> Vec<BufferPool> {
    let narrow = Narrow::new();
    let mut pools = Vec::new();
    for family in narrow.families() {
        let mut rig = rig(choice, family, true);
        rig.socket.dont_fragment(DontFragment::KnownPath).unwrap();
        // What an earlier family of the same peer learned holds for all of this machine.
        let known = path_mtu(family.peer).unwrap().packet();
        send(&mut rig, family, known).result().unwrap();
        narrow.refuse(&narrow.packet());
        let said = until("what the router says", || rig.socket.take_path_error().unwrap());
        let PathError::TooLarge { peer, mtu } = said else { panic!("{family:?}: {said:?}") };
        assert_eq!((peer, mtu.packet()), (family.peer, NARROW), "{family:?}");
        assert_eq!(path_mtu(family.peer).unwrap(), mtu, "{family:?}");

        assert!(is_too_large(&send(&mut rig, family, NARROW + 1)), "{family:?}");
        send(&mut rig, family, NARROW).result().unwrap();
        assert_eq!(narrow.packet().length(), NARROW, "{family:?}");
        // Who finds out by itself is not held back by what others say.
        rig.socket.dont_fragment(DontFragment::Probe).unwrap();
        send(&mut rig, family, DEVICE).result().unwrap();
        let packet = narrow.packet();
        assert!(packet.length() == DEVICE && packet.is_whole_for_ever(), "{family:?}");
        assert!(is_too_large(&send(&mut rig, family, DEVICE + 1)), "{family:?}");

        rig.socket.dont_fragment(DontFragment::Off).unwrap();
        send(&mut rig, family, DEVICE).result().unwrap();
        let fragments = [narrow.packet(), narrow.packet()];
        assert!(fragments.iter().all(|packet| packet.length() <= NARROW), "{family:?}");
        receives_go_on(&mut rig);
        pools.push(rig.pool.clone());
    }
    pools
}

fn a_router_that_speaks_of_an_earlier_datagram_harms_none(choice: BackendChoice) -> Vec<BufferPool> {
    let narrow = Narrow::new();
    let mut pools = Vec::new();
    // On a connected socket such a message is an error of the next call, whatever that does.
    for family in narrow.families() {
        let mut rig = rig(choice, family, false);
        rig.socket.dont_fragment(DontFragment::Probe).unwrap();
        rig.socket.connect(family.peer).unwrap();
        rig.take_none();
        send(&mut rig, family, DEVICE).result().unwrap();
        let large = narrow.packet();
        // A receive finds it.
        narrow.refuse(&large);
        until("the error to be taken", || {
            rig.take_none();
            (rig.requests.counters().unreachable == 1).then_some(())
        });
        assert_eq!(rig.socket.path_mtu().unwrap().packet(), NARROW, "{family:?}");
        assert_eq!(rig.requests.outstanding().receives, 2, "{family:?}");
        // A send finds it: nothing else is done meanwhile, and the kernel takes the message within the write.
        rig.requests.cancel();
        assert_eq!(rig.take(2).len(), 2);
        narrow.refuse(&large);
        send(&mut rig, family, DEVICE).result().unwrap();
        assert_eq!(narrow.packet().length(), DEVICE, "{family:?}");
        assert_eq!(rig.requests.counters().failed, 0, "{family:?}");
        pools.push(rig.pool.clone());
    }
    pools
}

fn sends_that_leave_together_fail_alone(choice: BackendChoice) -> Vec<BufferPool> {
    let narrow = Narrow::new();
    let mut pools = Vec::new();
    for family in narrow.families() {
        let mut rig = rig(choice, family, false);
        rig.socket.dont_fragment(DontFragment::Probe).unwrap();
        for packets in [
            [DEVICE; 8],
            [DEVICE + 1, DEVICE + 1, DEVICE + 1, DEVICE, DEVICE, DEVICE + 1, DEVICE + 1, DEVICE - 1],
            [DEVICE, DEVICE, DEVICE + 1, DEVICE, DEVICE, 100, 100, 99],
        ] {
            for (token, packet) in (0..).zip(packets) {
                let datagram = rig.filled(&vec![token as u8; packet - family.headers]);
                rig.requests.send_with(datagram, Send::new().to(family.peer).defer(), token).unwrap();
            }
            rig.requests.commit();
            for ((token, packet), completion) in (0..).zip(packets).zip(rig.take(packets.len())) {
                assert_eq!(completion.token(), token, "{family:?}");
                assert_eq!(is_too_large(&completion), packet > DEVICE, "{family:?} {packets:?} {token}");
                if packet <= DEVICE {
                    completion.result().unwrap();
                    let left = narrow.packet();
                    assert!(left.length() == packet && left.is_whole_for_ever(), "{family:?} {packets:?}");
                }
            }
        }
        receives_go_on(&mut rig);
        pools.push(rig.pool.clone());
    }
    pools
}

fn answers_that_leave_together_are_dropped_alone(choice: BackendChoice) -> Vec<BufferPool> {
    if !gso_supported() || !gro_supported() {
        eprintln!("skipped: this kernel lacks UDP_SEGMENT or UDP_GRO");
        return Vec::new();
    }
    // What comes as one run over a wide road has to go back over a narrow one, which takes the last of it only.
    let run = [vec![1; 1300], vec![2; 1300], vec![3; 1300], vec![4; 100]];
    for way in registered_ways().filter(|way| way.backend == choice) {
        device::takes("lo", 65_536).unwrap();
        let (tell, told) = mpsc::channel();
        let (go, wait) = mpsc::channel();
        let wait = Mutex::new(wait);
        let server = way.server().dont_fragment(true).start(move |datagram| {
            if datagram.payload()[0] == 1 {
                tell.send(()).unwrap();
                wait.lock().unwrap().recv().unwrap();
            }
            datagram.reply();
        });
        let server = server.unwrap();
        let client = client();
        let mut control = ControlBuffer::new();
        control.segment_size(1300).unwrap();
        let to = socket2::SockAddr::from(server.local_addr());
        let (bytes, address) = (run.concat(), &to);
        let parts = [std::io::IoSlice::new(&bytes)];
        let message = socket2::MsgHdr::new().with_addr(address).with_buffers(&parts);
        let message = message.with_control(control.as_bytes());
        socket2::SockRef::from(&client).sendmsg(&message, 0).unwrap();
        told.recv().unwrap();
        device::takes("lo", 1000).unwrap();
        go.send(()).unwrap();
        assert!(next(&client).0 == run[3], "{way}");
        let total = server.stop().unwrap().counters.total;
        assert_eq!((total.datagrams, total.replies_sent, total.replies_dropped), (4, 1, 3), "{way}");
    }
    device::takes("lo", 65_536).unwrap();
    Vec::new()
}
