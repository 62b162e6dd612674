//! What the kernel tells beside a datagram comes through a queue on a port as through any other, and what there is no
//! room for is told.

use ringport::net::{ControlBuffer, ControlMessage, Ecn, gro_supported, gso_supported};
use ringport::{BackendChoice, BufferPool, Lock, PortRequestQueue, Receive, Send};

use crate::common::families::ways;
use crate::common::on_each_backend;
use crate::common::owned::Pages;
use crate::common::rig::{builder, limits};
use crate::common::system::lacked_by_wine;
use crate::rig::Rig;

on_each_backend!(all_of_it_fits_by_default_and_is_right, what_does_not_fit_is_told);

/// What a test sends one way; nobody is told of them, so each holds its place.
const SENDS: u32 = 8;

/// What the tests here ask for, and Wine has not.
const LACKED: &str = "times of datagrams, and no control data of sends";

fn all_of_it_fits_by_default_and_is_right(choice: BackendChoice) {
    if lacked_by_wine(LACKED) {
        return;
    }
    let runs = gso_supported() && gro_supported();
    for way in ways() {
        way.server.packet_info(true).unwrap();
        way.server.ecn(true).unwrap();
        way.server.timestamps(true).unwrap();
        way.server.receive_offload(runs).unwrap();
        let mut rig = Rig::with_socket(choice, limits(4, 4), way.server.clone());
        let sends = builder(choice, SENDS as usize).on(&rig.port, 9).unwrap();
        let client = PortRequestQueue::new(&way.client, &sends, &sends, limits(0, SENDS), 0).unwrap();
        let pages = Pages::new(16 * 1024);
        let own = BufferPool::builder().slice_size(1024).slices_per_region(16).lock(Lock::Off);
        for pool in [own.build().unwrap(), pages.pool(1024)] {
            for mark in [Ecn::Capable0, Ecn::Capable1, Ecn::CongestionExperienced, Ecn::NotCapable] {
                rig.requests.receive_from(pool.take().unwrap(), 1).unwrap();
                let mut control = ControlBuffer::new();
                control.ecn(mark).unwrap();
                if runs {
                    control.segment_size(100).unwrap();
                }
                let send = Send::new().to(way.target).control(&control).dont_notify();
                client.send_with(pool.take_with(&[7; 950]).unwrap(), send, 2).unwrap();
                let run = rig.take_one();
                assert_eq!((run.bytes(), run.ecn()), (950, Some(mark)), "{}", way.name);
                assert_eq!(run.local(), Some(way.local), "{}", way.name);
                assert!(run.timestamp().is_some() && !run.control_truncated(), "{}", way.name);
                let sizes = run.control().filter(|message| *message == ControlMessage::SegmentSize(100));
                assert_eq!(sizes.count(), usize::from(runs), "{}", way.name);
                assert_eq!(run.control().count(), 3 + usize::from(runs), "{}", way.name);
            }
        }
        drop(rig);
    }
}

fn what_does_not_fit_is_told(choice: BackendChoice) {
    if lacked_by_wine(LACKED) {
        return;
    }
    let mut rig = Rig::new(choice, limits(4, 1));
    rig.socket.ecn(true).unwrap();
    rig.socket.timestamps(true).unwrap();
    rig.socket.packet_info(true).unwrap();
    // The kernel writes the time first and the marks last; 80 bytes end before those.
    for (room, timed, marked) in [(0, false, false), (80, true, false), (144, true, true)] {
        let pool = BufferPool::builder().slice_size(100).slices_per_region(16).control(room);
        let pool = pool.lock(Lock::Off).build().unwrap();
        for asked in [true, false] {
            let options = if asked { Receive::new().addresses() } else { Receive::new() };
            rig.requests.receive_with(pool.take().unwrap(), options, 0).unwrap();
            rig.arrive(b"payload");
            let completion = rig.take_one();
            assert_eq!((completion.bytes(), completion.peer().is_some()), (7, asked));
            assert_eq!(completion.control_truncated(), asked && !marked, "{room}");
            assert_eq!(completion.timestamp().is_some(), asked && timed, "{room}");
            assert_eq!(completion.ecn().is_some(), asked && marked, "{room}");
        }
    }
}
