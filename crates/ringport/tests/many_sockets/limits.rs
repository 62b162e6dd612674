//! At the limits of the system: an error that names them, and what is there works on.
//!
//! On Linux only: it takes a limit on the memory that a user locks.

use ringport::queue::QueueError;
use ringport::{BackendChoice, Completions, RequestQueue};

use crate::backends;
use crate::common::child::{INSIDE, inside};
use crate::common::rig::{builder, bytes, limits, plain, pool};
use crate::common::until;
use crate::ordinary_user::passes_as_ordinary_user;
use crate::rig::socket;

/// Bytes that may be locked in the test. A ring of the kernel takes some of them before the first socket does.
const LOCKED: usize = 512 * 1024;
/// 16 bytes each, so four pages of locked memory a socket.
const RECEIVES: u32 = 1024;
const ASKED: usize = 16 * RECEIVES as usize;

#[test]
fn sockets_are_refused_when_no_more_memory_may_be_locked() {
    let test = "limits::sockets_are_refused_when_no_more_memory_may_be_locked";
    if !inside() {
        passes_as_ordinary_user(test, "ulimit -l 512", INSIDE);
        return;
    }
    for choice in backends::present() {
        const MOST: usize = 60;
        let mut queue = builder(choice, MOST * RECEIVES as usize).polled().unwrap();
        let pool = pool(16, MOST);
        let attach =
            |context| RequestQueue::new(&socket(), &queue, &queue, limits(RECEIVES, 0), context as u64);
        // Not one more is tried after a refusal: what was let go before may be counted no more by then.
        let mut refused = None;
        let attach_one = |context| attach(context).map_err(|error| refused = Some(error)).ok();
        let mut all: Vec<_> = (0..MOST).map_while(attach_one).collect();
        if let Some(refused) = refused {
            // Kernels before 6.13 do not count them.
            assert_eq!(choice, BackendChoice::Uring);
            let asked_for = matches!(refused, QueueError::LockLimit { asked: ASKED, allowed: LOCKED });
            assert!(asked_for && refused.to_string().contains("ulimit -l"), "{refused:?}: {refused}");
            // What one gives back another can have; the kernel takes its time to count it.
            let last = all.pop().map(drop).map(|()| all.len()).unwrap();
            all.push(until("its memory", || attach(last).ok()));
        }
        let client = plain();
        for requests in &all {
            requests.receive(pool.take().unwrap(), 0).unwrap();
            client.send_to(b"served", requests.socket().local_addr().unwrap()).unwrap();
        }
        let (mut served, mut room) = (0, Completions::with_capacity(64));
        until("all of them", || {
            queue.dequeue(&mut room);
            served += room.drain().filter(|completion| bytes(completion) == b"served").count();
            (served == all.len()).then_some(())
        });
    }
}
