//! Control data goes with every datagram of a send, and keeps apart what differs in it.

use std::net::{IpAddr, Ipv4Addr};

use ringport::net::{ControlBuffer, ControlMessage, Ecn, gso_supported};
use ringport::queue::{Polled, PostError};
use ringport::{BufferPool, CompletionQueue, Completions, Limits, RequestQueue, Send, Status, UdpSocket};

use crate::common::rig::{builder, pool};
use crate::common::system::lacked_by_wine;
use crate::common::until;
use crate::rig::{Rig, Way, on_each_way, pattern};

on_each_way!(
    control_data_goes_along,
    what_differs_in_control_data_is_not_joined,
    control_data_with_a_segment_size_is_left_alone,
);

/// A socket that hears of marks, and what it received of them: bytes, where from, and the mark.
struct Marks {
    queue: CompletionQueue<Polled>,
    requests: RequestQueue,
    pool: BufferPool,
    socket: UdpSocket,
}

impl Marks {
    fn new(way: Way) -> Marks {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.ecn(true).unwrap();
        let queue = builder(way.backend, 64).polled().unwrap();
        let limits = Limits { receives: 64, receive_buffers: 1, sends: 0, send_buffers: 0 };
        let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0).unwrap();
        let marks = Marks { queue, requests, pool: pool(2048, 64), socket };
        (0..64).for_each(|token| marks.requests.receive_from(marks.pool.take().unwrap(), token).unwrap());
        marks
    }

    fn take(&mut self, count: usize) -> Vec<(usize, IpAddr, Ecn)> {
        let mut completions = Completions::with_capacity(64);
        let mut taken = Vec::new();
        until("marked datagrams", || {
            self.queue.dequeue(&mut completions);
            taken.extend(completions.drain().map(|done| {
                let mark = done.control().find_map(|message| match message {
                    ControlMessage::Ecn(mark) => Some(mark),
                    _ => None,
                });
                (done.bytes(), done.peer().unwrap().ip(), mark.unwrap())
            }));
            (taken.len() >= count).then_some(())
        });
        assert_eq!(taken.len(), count);
        taken
    }
}

fn control_data_goes_along(way: Way) {
    if lacked_by_wine("control data of sends") {
        return;
    }
    let mut marks = Marks::new(way);
    // From any address: then the source decides.
    let rig = Rig::with_socket(way, UdpSocket::bind("0.0.0.0:0").unwrap(), Vec::new());
    let mut control = ControlBuffer::new();
    let source = Ipv4Addr::new(127, 0, 0, 9);
    control.ecn(Ecn::Capable1).unwrap().source(source, 0).unwrap();
    let send = Send::new().to(marks.socket.local_addr().unwrap()).segments(100);
    rig.post(&pattern(700), send.control(&control), 0);
    assert_eq!(marks.take(7), [(100, source.into(), Ecn::Capable1); 7]);
}

fn what_differs_in_control_data_is_not_joined(way: Way) {
    if lacked_by_wine("control data of sends") {
        return;
    }
    let mut marks = Marks::new(way);
    let rig = Rig::new(way, 0);
    let send = Send::new().to(marks.socket.local_addr().unwrap()).defer();
    let controls = [Ecn::Capable0, Ecn::Capable1].map(|mark| {
        let mut control = ControlBuffer::new();
        control.ecn(mark).unwrap();
        control
    });
    let expected: Vec<Ecn> =
        (0..40usize).map(|number| [Ecn::NotCapable, Ecn::Capable0, Ecn::Capable1][number / 3 % 3]).collect();
    for mark in &expected {
        let send = match mark {
            Ecn::Capable0 => send.control(&controls[0]),
            Ecn::Capable1 => send.control(&controls[1]),
            _ => send,
        };
        rig.post(&pattern(50), send, 0);
    }
    rig.commit();
    let seen: Vec<Ecn> = marks.take(40).iter().map(|taken| taken.2).collect();
    assert_eq!(seen, expected);
}

fn control_data_with_a_segment_size_is_left_alone(way: Way) {
    let mut rig = Rig::new(way, 1);
    let mut control = ControlBuffer::new();
    control.segment_size(100).unwrap();
    let refused = rig.try_post(rig.filled(b"x"), rig.to(0).control(&control).segments(5), 0).unwrap_err();
    assert!(matches!(refused, PostError::NotSupported(_)), "{refused}");
    control.clear();
    while control.source([127, 0, 0, 1], 0).is_ok() {}
    let refused = rig.try_post(rig.filled(b"x"), rig.to(0).control(&control).segments(5), 0).unwrap_err();
    assert!(matches!(refused, PostError::NotSupported(_)), "{refused}");
    if !gso_supported() {
        return eprintln!("skipped: this system does not cut messages into datagrams");
    }
    // What the user cuts is not joined with anything, or it would be cut elsewhere.
    control.clear();
    control.segment_size(100).unwrap();
    for token in 0..3 {
        rig.post(&pattern(300), rig.to(0).control(&control).defer(), token);
    }
    rig.commit();
    assert!(rig.take(3).iter().all(|done| (done.status(), done.bytes()) == (Status::Success, 300)));
    rig.receives_cut(0, &pattern(300).repeat(3), 100);
}
