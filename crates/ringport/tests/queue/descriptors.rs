//! No descriptor left: a typed error that says what to raise, nothing kept, and all well afterwards.

use ringport::queue::QueueError;
use ringport::{BackendChoice, RequestQueue, UdpSocket};

use crate::common::child::{Child, allow, descriptors, inside};
use crate::common::rig::{Rig, builder, bytes, limits};

/// Tries with ever more descriptors, from none; the first error must be told well, and success must come.
fn each_step_fails_well(choice: BackendChoice) {
    let before = descriptors();
    let mut refused = 0;
    for more in 0..20 {
        let taken = allow(more);
        let made = builder(choice, 64).event().and_then(|mut queue| queue.event().map(|_| ()));
        drop(taken);
        assert_eq!(descriptors(), before, "with {more} more");
        match made {
            Ok(()) => {
                assert!(refused > 0, "it needs descriptors");
                return;
            }
            Err(error) => {
                refused += 1;
                let text = error.to_string();
                assert!(text.contains("ulimit -n"), "with {more} more: {text} ({error:?})");
            }
        }
    }
    panic!("twenty descriptors are not enough for one queue");
}

fn goes_on_afterwards(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(2, 1));
    rig.post(0..1);
    let taken = allow(0);
    assert!(UdpSocket::bind("127.0.0.1:0").is_err());
    let waker = rig.queue.event().map(|_| ()).unwrap_err();
    assert!(matches!(waker, QueueError::System { .. }), "{waker:?}");
    // What exists works on.
    rig.arrive(b"still");
    assert_eq!(bytes(&rig.take_one()), b"still");
    drop(taken);
    rig.queue.event().unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    rig.queue.resize(10).unwrap();
    RequestQueue::new(&socket, &rig.queue, &rig.queue, limits(1, 1), 0).unwrap();
}

#[test]
fn running_out_of_descriptors_over_epoll() {
    if !inside() {
        return drop(Child::new("descriptors::running_out_of_descriptors_over_epoll", None).run());
    }
    each_step_fails_well(BackendChoice::Epoll);
    goes_on_afterwards(BackendChoice::Epoll);
}

#[test]
fn running_out_of_descriptors_over_io_uring() {
    if !inside() {
        return match ringport::backend::explain(BackendChoice::Uring) {
            Ok(_) => drop(Child::new("descriptors::running_out_of_descriptors_over_io_uring", None).run()),
            Err(error) => eprintln!("skipped: {error}"),
        };
    }
    // The first thing that this process does with io_uring, so its features are not known yet.
    each_step_fails_well(BackendChoice::Uring);
    goes_on_afterwards(BackendChoice::Uring);
}
