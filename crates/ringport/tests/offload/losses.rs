//! Answers that leave together and fail on their way: the others are tried one by one, as they would be alone, and none
//! leaves twice.
//!
//! On Linux only: it takes filters of system calls.

use std::thread;

use crate::common::seccomp;
use crate::rig::offloaded;
use crate::source::{MOST, Source, can_run, pattern};
use crate::ways::registered_ways;

const SIZE: usize = 100;
/// More datagrams than one message holds.
const COUNT: usize = 100;

#[test]
fn of_a_run_that_fails_on_its_way_the_rest_is_tried_alone() {
    if !can_run() {
        return;
    }
    let probe = Source::new();
    if probe.try_run(&[0; COUNT], 1, probe.address()).is_err() {
        return eprintln!("skipped: this kernel sends at most {MOST} datagrams at a time");
    }
    // A thread of its own: the server's threads begin with its filters, and they are never taken back.
    let tried = || {
        // The two messages are refused; of the hundred datagrams then sixty-four leave, and not the rest with them.
        seccomp::fail_batches(libc::SYS_sendmmsg, &[(2, libc::EIO), ((COUNT - MOST) as u32, libc::EPERM)]);
        for way in registered_ways() {
            let server = offloaded(way, "127.0.0.1:0").start(|datagram| datagram.reply()).unwrap();
            let source = Source::new();
            let bytes = pattern(COUNT * SIZE, 0);
            source.run(&bytes, SIZE, server.local_addr());
            for datagram in bytes.chunks(SIZE) {
                assert!(source.receive() == datagram, "{way}");
            }
            let total = server.stop().unwrap().counters.total;
            assert!(source.is_empty(), "{way}");
            let counted = (total.replies_promised, total.replies_sent, total.replies_dropped);
            assert_eq!(counted, (COUNT as u64, COUNT as u64, 0), "{way}");
        }
    };
    thread::scope(|scope| scope.spawn(tried).join().unwrap());
}
