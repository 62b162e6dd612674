//! Buffers run dry and come back: in the kernel's ring of them (`ENOBUFS`), and in the pool behind it.

use ringport::queue::RequestCounters;
use ringport::{BackendChoice, BufferPool, Completion, Receive};

use crate::alone::alone_on_each_backend;
use crate::common::rig::{Rig, bytes, limits, pool};

alone_on_each_backend!(the_ring_runs_dry_a_thousand_times, the_pool_runs_dry_a_thousand_times);

const ROUNDS: u64 = 1000;
/// Receives posted, fewer than datagrams wait.
const EACH: u64 = 3;

/// Only the kernel's own ring can run dry, and then its request ends each time; no request of the user's fails.
fn ended_for_lack_of_buffers(choice: BackendChoice, counters: RequestCounters) {
    assert_eq!((counters.failed, counters.truncated), (0, 0));
    if choice == BackendChoice::Uring {
        assert!(counters.rearmed >= ROUNDS / 2, "the ring hardly ever ran dry: {counters:?}");
    } else {
        assert_eq!(counters.rearmed, 0);
    }
}

/// The datagrams carry consecutive numbers.
fn follow(next: &mut u64, taken: &[Completion]) {
    for completion in taken {
        assert_eq!((completion.token(), bytes(completion)), (*next, &next.to_le_bytes()[..]));
        *next += 1;
    }
}

fn the_ring_runs_dry_a_thousand_times(choice: BackendChoice) -> Vec<BufferPool> {
    let mut rig = Rig::new(choice, limits(EACH as u32, 0));
    let mut next = 0;
    // Always some more than there are receives for.
    (0..EACH).for_each(|number| rig.arrive(&number.to_le_bytes()));
    for round in 0..ROUNDS {
        let first = (round + 1) * EACH;
        (first..first + EACH).for_each(|number| rig.arrive(&number.to_le_bytes()));
        rig.post(round * EACH..round * EACH + EACH);
        follow(&mut next, &rig.take(EACH as usize));
        rig.take_none();
    }
    ended_for_lack_of_buffers(choice, rig.requests.counters());
    vec![rig.pool.clone()]
}

fn the_pool_runs_dry_a_thousand_times(choice: BackendChoice) -> Vec<BufferPool> {
    let mut rig = Rig::new(choice, limits(4 * EACH as u32, 0));
    rig.pool = pool(64, EACH as usize);
    let (mut next, mut posted, mut sent) = (0, 0, 0);
    for _ in 0..ROUNDS {
        // As many as are allowed, of which most have no slice yet.
        while rig.requests.receive_when_free(&rig.pool, Receive::new(), posted).is_ok() {
            posted += 1;
        }
        assert_eq!(u64::from(rig.requests.outstanding().receives), 4 * EACH);
        while sent < posted {
            rig.arrive(&u64::to_le_bytes(sent));
            sent += 1;
        }
        let held = rig.take(EACH as usize);
        follow(&mut next, &held);
        rig.take_none();
        assert_eq!((rig.pool.free(), rig.requests.outstanding().starved), (0, 3 * EACH as u32));
        // They come back while nobody looks, and the next time there are as many again.
        drop(held);
    }
    // The last of them, woken by the slices that come home.
    while next < posted {
        rig.wait();
        follow(&mut next, &rig.take(EACH as usize));
    }
    ended_for_lack_of_buffers(choice, rig.requests.counters());
    vec![rig.pool.clone()]
}
