//! A backend that fails for good: its holder is told by a packet, the queue says why, and dropping it ends well.
//!
//! On Linux only: it takes filters of system calls.

use ringport::queue::PostError;
use ringport::{BackendChoice, Completions, PortRequestQueue};

use crate::backends;
use crate::common::child::{Child, inside};
use crate::common::rig::limits;
use crate::common::seccomp;
use crate::common::{PATIENCE, on_each_backend, until};
use crate::rig::{Rig, is_silent, socket};

// What the filter forbids is forbidden for good, so each is a process of its own.
on_each_backend!(
    by super::in_a_child:
    an_armed_queue_tells,
    a_queue_whose_right_is_held_tells,
    a_listener_that_asks_and_panics_stops_nothing,
);

fn in_a_child(test: &str, choice: BackendChoice, run: fn(BackendChoice)) {
    if inside() {
        return run(choice);
    }
    if let Some(refusal) = backends::refusal(choice) {
        return eprintln!("skipped: {refusal}");
    }
    let output = Child::new(test, None).run();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("a completion queue on a port failed"), "{text}");
}

/// From now on no thread of this process gets anything from the kernel's queue.
fn forbid(choice: BackendChoice) {
    let calls: &[libc::c_long] = match choice {
        BackendChoice::Uring => &[libc::SYS_io_uring_enter],
        _ => &[libc::SYS_epoll_wait, libc::SYS_epoll_pwait, libc::SYS_epoll_pwait2],
    };
    seccomp::install(true, calls, seccomp::fail_with(libc::EIO), libc::SECCOMP_RET_ALLOW);
}

fn broken(rig: &Rig) {
    // Ends the sleep of the pump, which does not come back to it.
    let over = || rig.queue.fault().map(|error| error.raw_os_error());
    rig.client.send_to(b"x", rig.address).unwrap();
    std::thread::scope(|scope| drop(scope.spawn(|| rig.requests.counters())));
    assert_eq!(until("the fault", over), Some(libc::EIO));
    // What would never complete is not accepted, and its buffer comes back.
    let refused = rig.requests.receive(rig.marked(9), 9).unwrap_err();
    assert!(matches!(refused.error, PostError::Failed(libc::EIO)));
    assert_eq!(refused.buffer.context(), 9);
}

fn an_armed_queue_tells(choice: BackendChoice) {
    let rig = Rig::new(choice, limits(4, 4));
    rig.post(0..4);
    rig.settled();
    forbid(choice);
    broken(&rig);
    // Its packet tells, once, although there may be nothing to dequeue.
    rig.ready().notify();
    let mut some = Completions::with_capacity(8);
    while !is_silent(&rig.port) {
        assert!(rig.ready().dequeue(&mut some) > 0, "told twice");
    }
    ends_well(rig);
}

fn a_queue_whose_right_is_held_tells(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(4, 4));
    rig.post(0..4);
    rig.arrive(b"before");
    rig.completed(1);
    let mut ready = rig.ready();
    forbid(choice);
    broken(&rig);
    rig.dequeue(&mut ready);
    assert!(is_silent(&rig.port));
    ready.notify();
    // Whoever had the right when it happened is told when it is given back.
    rig.ready().notify();
    ends_well(rig);
}

/// What is said is said on the pump's own thread, which nobody else could answer.
fn a_listener_that_asks_and_panics_stops_nothing(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(4, 4));
    rig.set_aside(choice);
    let make = |receives, socket: &_| {
        PortRequestQueue::new(socket, &rig.queue, &rig.queue, limits(receives, 0), 0).unwrap()
    };
    let (requests, other) = (make(4, &rig.socket), make(1, &socket()));
    let (tell, told) = std::sync::mpsc::channel();
    let listener = move |message: &str| {
        eprintln!("{message}");
        other.counters();
        tell.send(()).unwrap();
        panic!("in a listener");
    };
    assert!(ringport::notice::set_listener(listener));
    rig.requests = requests;
    rig.post(0..4);
    rig.settled();
    forbid(choice);
    broken(&rig);
    told.recv_timeout(PATIENCE).expect("the pump waits for itself");
    rig.ready().notify();
    drop(rig);
}

/// Sends do without the pump; what is under way is given up, and nobody waits for it.
fn ends_well(rig: Rig) {
    rig.requests.send_to(rig.filled(b"still"), rig.client_address(), 9).unwrap();
    assert_eq!(rig.reply(), b"still");
    rig.requests.cancel();
    let Rig { requests, queue, .. } = rig;
    drop((requests, queue));
}
