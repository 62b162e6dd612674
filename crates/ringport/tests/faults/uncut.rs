//! Devices that do not cut a message into its datagrams, or not into such large ones: the library does.
//!
//! On Linux only: it takes namespaces of networks.

use ringport::{BackendChoice, BufferPool, Send, Status, UdpSocket};

use crate::alone::alone_on_each_backend;
use crate::common::device;
use crate::common::rig::{Rig, limits, pool};
use crate::narrow::{DEVICE, Family, Narrow};

alone_on_each_backend!(in two networks:
    a_device_without_checksums_gets_every_datagram,
    datagrams_larger_than_the_device_takes_leave_in_fragments,
    those_that_must_stay_whole_fail_and_nothing_follows_from_it,
);

fn rig(choice: BackendChoice, family: Family) -> Rig {
    let socket = UdpSocket::bind((family.bind, 0)).unwrap();
    let mut rig = Rig::with_socket(choice, limits(1, 16), socket);
    rig.pool = pool(16_384, 32);
    rig
}

/// Sends so many bytes as datagrams of `size`; how it ended, how far it got, and with how many calls.
fn send(rig: &mut Rig, family: Family, bytes: usize, size: u16) -> (Status, usize, u64) {
    let before = rig.queue.system_calls();
    let payload = rig.filled(&vec![7; bytes]);
    rig.requests.send_with(payload, Send::new().to(family.peer).segments(size), 1).unwrap();
    let calls = rig.queue.system_calls() - before;
    let done = rig.take_one();
    (done.status(), done.bytes(), calls)
}

fn packets(narrow: &Narrow, count: usize) -> Vec<usize> {
    (0..count).map(|_| narrow.packet().length()).collect()
}

fn a_device_without_checksums_gets_every_datagram(choice: BackendChoice) -> Vec<BufferPool> {
    let narrow = Narrow::new();
    if let Err(error) = device::without_checksums("narrow") {
        eprintln!("skipped: the checksums of the device cannot be set: {error}");
        return Vec::new();
    }
    let mut pools = Vec::new();
    for family in narrow.families() {
        let mut rig = rig(choice, family);
        for _ in 0..3 {
            let (status, bytes, _) = send(&mut rig, family, 10 * 500 + 1, 500);
            assert_eq!((status, bytes), (Status::Success, 5001));
            assert_eq!(packets(&narrow, 10), [500 + family.headers; 10]);
            assert_eq!(packets(&narrow, 1), [1 + family.headers]);
        }
        // Whether the kernel cuts for such a device depends on its age; more than once it is not refused.
        assert!(rig.requests.counters().unsegmented <= 1);
        pools.push(rig.pool.clone());
    }
    pools
}

fn datagrams_larger_than_the_device_takes_leave_in_fragments(choice: BackendChoice) -> Vec<BufferPool> {
    let narrow = Narrow::new();
    let mut pools = Vec::new();
    for family in narrow.families() {
        let mut rig = rig(choice, family);
        for round in 0..2 {
            let (status, bytes, calls) = send(&mut rig, family, 3 * 2000, 2000);
            assert_eq!((status, bytes), (Status::Success, 6000));
            // Two fragments a datagram.
            assert!(packets(&narrow, 6).iter().all(|length| *length <= DEVICE));
            assert_eq!(rig.requests.counters().unsegmented, 1);
            // Known from the second time on.
            assert_eq!(calls == 1, round > 0, "{calls}");
        }
        // Those that fit leave together as before: one by one they would be two calls.
        let (status, _, calls) = send(&mut rig, family, 128 * 100, 100);
        assert_eq!((status, calls), (Status::Success, 1));
        assert_eq!(packets(&narrow, 128), [100 + family.headers; 128]);
        assert_eq!(rig.requests.counters().unsegmented, 1);
        pools.push(rig.pool.clone());
    }
    pools
}

fn those_that_must_stay_whole_fail_and_nothing_follows_from_it(choice: BackendChoice) -> Vec<BufferPool> {
    let narrow = Narrow::new();
    let mut pools = Vec::new();
    for family in narrow.families() {
        let mut rig = rig(choice, family);
        rig.socket.dont_fragment(true).unwrap();
        let (status, bytes, _) = send(&mut rig, family, 3 * 2000, 2000);
        assert_eq!((status, bytes), (Status::Failed(libc::EMSGSIZE), 0));
        let largest = DEVICE - family.headers;
        let (status, _, calls) = send(&mut rig, family, 4 * largest, largest as u16);
        assert_eq!((status, calls), (Status::Success, 1));
        assert_eq!(packets(&narrow, 4), [DEVICE; 4]);
        assert_eq!((rig.requests.counters().unsegmented, rig.requests.counters().failed), (0, 1));
        // It is tried anew when they may be cut again.
        rig.socket.dont_fragment(false).unwrap();
        let (status, _, calls) = send(&mut rig, family, 3 * 2000, 2000);
        assert!(status == Status::Success && calls > 1, "{status:?} with {calls} calls");
        packets(&narrow, 6);
        pools.push(rig.pool.clone());
    }
    pools
}
