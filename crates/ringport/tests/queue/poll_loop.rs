//! The event in another program's poll loop, as a descriptor or a handle.

#[cfg(target_os = "linux")]
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

use ringport::queue::Event;
use ringport::{BackendChoice, CompletionQueue, Receive, RequestQueue};

use crate::common::rig::{Rig, builder, bytes, limits};
use crate::common::system::signalled;
use crate::common::{on_each_backend, until};

on_each_backend!(
    the_descriptor_is_readable_when_armed_and_something_is_there,
    it_is_readable_at_once_when_something_is_queued_already,
    a_silent_completion_leaves_it_armed,
    it_stays_signalled_until_it_is_reset,
    notify_resets_the_event_unless_told_otherwise,
    a_loop_of_thousands_loses_none,
    a_commit_by_another_thread_reaches_the_loop,
    asking_for_it_late_shows_what_is_there,
);
#[cfg(target_os = "linux")]
on_each_backend!(any_epoll_can_watch_it);

fn readable(queue: &mut CompletionQueue<Event>) -> bool {
    signalled(&queue.event().unwrap(), Duration::ZERO)
}

/// Sleeps in the poll loop until the notification is there.
fn poll_until_fired(queue: &mut CompletionQueue<Event>) {
    until("the event to be readable and to have fired", || {
        assert!(signalled(&queue.event().unwrap(), Duration::from_secs(60)), "the poll loop was never told");
        queue.take_notification().then_some(())
    });
}

/// Looks, as a loop does, until the descriptor is quiet; the notification must not have fired.
fn stays_quiet(queue: &mut CompletionQueue<Event>) {
    until("the descriptor to be quiet", || {
        assert!(!queue.take_notification());
        (!readable(queue)).then_some(())
    });
    assert!(queue.is_armed());
}

fn the_descriptor_is_readable_when_armed_and_something_is_there(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(2, 1));
    rig.post(0..2);
    assert!(!readable(&mut rig.queue));
    rig.queue.notify().unwrap();
    stays_quiet(&mut rig.queue);
    rig.arrive(b"x");
    poll_until_fired(&mut rig.queue);
    assert!(!rig.queue.is_armed());
    assert!(!rig.queue.take_notification(), "it fires once");
    assert_eq!(bytes(&rig.take_one()), b"x");
    // Not armed: nothing tells the loop of the next one, except what is left of this notification.
    rig.queue.reset();
    rig.arrive(b"y");
    assert!(!readable(&mut rig.queue));
    rig.queue.notify().unwrap();
    poll_until_fired(&mut rig.queue);
    assert_eq!(bytes(&rig.take_one()), b"y");
}

fn it_is_readable_at_once_when_something_is_queued_already(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(2, 1));
    assert!(!readable(&mut rig.queue));
    rig.post(0..2);
    rig.arrive(b"x");
    rig.queue.notify().unwrap();
    assert!(readable(&mut rig.queue));
    poll_until_fired(&mut rig.queue);
    // Still there, still told.
    rig.queue.notify().unwrap();
    assert!(readable(&mut rig.queue));
    assert!(rig.queue.take_notification());
    rig.take(1);
    // A send completes in user space.
    rig.queue.notify().unwrap();
    stays_quiet(&mut rig.queue);
    rig.requests.send_to(rig.filled(b"y"), rig.client_address(), 1).unwrap();
    poll_until_fired(&mut rig.queue);
    rig.take(1);
    rig.queue.notify().unwrap();
    rig.requests.cancel();
    poll_until_fired(&mut rig.queue);
    rig.take(1);
}

fn a_silent_completion_leaves_it_armed(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(2, 1));
    assert!(!readable(&mut rig.queue));
    rig.requests.receive_with(rig.marked(0), Receive::new().dont_notify(), 0).unwrap();
    rig.post(1..2);
    rig.queue.notify().unwrap();
    rig.arrive(b"silent");
    stays_quiet(&mut rig.queue);
    rig.arrive(b"loud");
    poll_until_fired(&mut rig.queue);
    assert_eq!(rig.take(2).len(), 2);
}

fn it_stays_signalled_until_it_is_reset(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(2, 1));
    rig.queue = builder(choice, 8).notify_reset(false).event().unwrap();
    rig.set_aside(choice);
    rig.requests = RequestQueue::new(&rig.socket, &rig.queue, &rig.queue, limits(2, 1), 0).unwrap();
    assert!(!readable(&mut rig.queue));
    rig.post(0..2);
    rig.queue.notify().unwrap();
    rig.arrive(b"x");
    poll_until_fired(&mut rig.queue);
    rig.take(1);
    assert!(readable(&mut rig.queue), "dequeueing does not reset it");
    rig.queue.notify().unwrap();
    assert!(readable(&mut rig.queue), "nor does notify");
    rig.queue.reset();
    stays_quiet(&mut rig.queue);
    rig.arrive(b"y");
    poll_until_fired(&mut rig.queue);
}

fn notify_resets_the_event_unless_told_otherwise(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(2, 1));
    assert!(!readable(&mut rig.queue));
    rig.post(0..1);
    rig.queue.notify().unwrap();
    rig.arrive(b"x");
    poll_until_fired(&mut rig.queue);
    assert!(readable(&mut rig.queue));
    rig.take(1);
    rig.queue.notify().unwrap();
    stays_quiet(&mut rig.queue);
}

fn a_loop_of_thousands_loses_none(choice: BackendChoice) {
    const ROUNDS: u64 = 5000;
    let mut rig = Rig::new(choice, limits(1, 1));
    let (answer, answered) = std::sync::mpsc::channel::<()>();
    let (client, to) = (rig.client.try_clone().unwrap(), rig.address);
    let other = std::thread::spawn(move || {
        for number in 0..ROUNDS {
            client.send_to(&number.to_le_bytes(), to).unwrap();
            answered.recv().unwrap();
        }
    });
    for number in 0..ROUNDS {
        rig.post(number..number + 1);
        rig.queue.notify().unwrap();
        poll_until_fired(&mut rig.queue);
        assert_eq!(bytes(&rig.take_one()), number.to_le_bytes());
        answer.send(()).unwrap();
    }
    other.join().unwrap();
}

fn a_commit_by_another_thread_reaches_the_loop(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 1));
    let committer = rig.requests.committer().unwrap();
    assert!(!readable(&mut rig.queue));
    for token in 0..50 {
        let later = ringport::Send::new().to(rig.client_address()).defer();
        rig.requests.send_with(rig.filled(b"x"), later, token).unwrap();
        rig.queue.notify().unwrap();
        stays_quiet(&mut rig.queue);
        let committer = committer.clone();
        let other = std::thread::spawn(move || committer.commit());
        poll_until_fired(&mut rig.queue);
        assert_eq!(rig.take_one().token(), token);
        other.join().unwrap();
    }
}

fn asking_for_it_late_shows_what_is_there(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(2, 1));
    rig.post(0..2);
    rig.queue.notify().unwrap();
    rig.arrive(b"before the descriptor");
    assert!(readable(&mut rig.queue));
    poll_until_fired(&mut rig.queue);
    rig.take(1);
    // Waiting and watching may take turns.
    rig.arrive(b"x");
    rig.wait();
    rig.take(1);
}

#[cfg(target_os = "linux")]
fn any_epoll_can_watch_it(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 1));
    // SAFETY: the call takes no pointer.
    let epoll = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
    let descriptor = rig.queue.event().unwrap().as_raw_fd();
    let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: 5 };
    // SAFETY: `event` is valid during the call, which copies it.
    assert_eq!(unsafe { libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, descriptor, &mut event) }, 0);
    for _ in 0..100 {
        rig.post(0..1);
        rig.queue.notify().unwrap();
        rig.arrive(b"x");
        until("the notification", || {
            let mut events = [libc::epoll_event { events: 0, u64: 0 }; 4];
            // SAFETY: `events` is valid for four entries.
            let count = unsafe { libc::epoll_wait(epoll, events.as_mut_ptr(), 4, 30_000) };
            assert_eq!((count, { events[0].u64 }), (1, 5));
            rig.queue.take_notification().then_some(())
        });
        rig.take(1);
    }
    // SAFETY: the descriptor was opened above and is closed once, here.
    drop(unsafe { <std::os::fd::OwnedFd as std::os::fd::FromRawFd>::from_raw_fd(epoll) });
    let _: BorrowedFd<'_> = rig.queue.event().unwrap();
}
