//! A thousand sockets are closed in any order: what was posted on them completes, their ports are free as soon as that
//! was dequeued, and the process has what it had.

use ringport::{BackendChoice, BufferPool, Status};

use crate::alone::alone_on_each_backend;
use crate::common::lonely::is_free;
use crate::common::rig::plain;
use crate::common::system::descriptors_for;
use crate::common::{Random, until};
use crate::rig::{KINDS, few};

alone_on_each_backend!(they_are_closed_in_any_order);

const SOCKETS: usize = 1000;
/// Posted on each.
const RECEIVES: usize = 2;

fn they_are_closed_in_any_order(choice: BackendChoice) -> Vec<BufferPool> {
    if !descriptors_for(SOCKETS + 200) {
        return Vec::new();
    }
    let client = plain();
    let mut random = Random::new(11);
    for (kind, make) in KINDS {
        let mut many = make(choice, SOCKETS, few());
        (0..SOCKETS).for_each(|index| (0..RECEIVES).for_each(|_| many.post(index, 1)));
        let mut left: Vec<_> = (0..SOCKETS).collect();
        let mut completed = vec![0; SOCKETS];
        while !left.is_empty() {
            let index = left.swap_remove(random.below(left.len()));
            let address = many.address(index);
            // It may take this one, or not.
            client.send_to(b"x", address).unwrap();
            many.close(index);
            until(kind, || {
                for completion in many.dequeue(64) {
                    assert!(matches!(completion.status(), Status::Success | Status::Aborted));
                    completed[completion.socket_context() as usize] += 1;
                }
                (completed[index] == RECEIVES).then_some(())
            });
            assert!(is_free(address), "{kind}: the port of {index} is not free");
        }
        assert!(completed.iter().all(|count| *count == RECEIVES), "{kind}: {completed:?}");
        assert!(many.dequeue(1).is_empty(), "{kind}: each receive completes once");
    }
    Vec::new()
}
