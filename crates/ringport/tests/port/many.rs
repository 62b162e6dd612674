//! Several packets with one wait.

use std::time::Duration;

use ringport::Packets;
use ringport::port::PortWaitError;

use crate::worker::Worker;
use crate::{port, posted};

#[test]
fn as_many_come_as_are_there_and_fit() {
    let port = port(1);
    (0..10).for_each(|value| port.post(0, value).unwrap());
    let mut packets = Packets::with_capacity(4);
    let mut values = Vec::new();
    for expected in [4, 4, 2] {
        assert_eq!(port.wait_many(&mut packets, None).unwrap(), expected);
        assert_eq!(packets.len(), expected);
        values.extend(packets.drain().map(|packet| posted(packet).1));
    }
    assert_eq!(values, (0..10).collect::<Vec<_>>());
}

#[test]
fn at_least_one_comes_to_a_thread_that_slept() {
    let port = port(1);
    let worker = Worker::new(&port);
    let (waiter, (count, counted)) = (port.clone(), std::sync::mpsc::channel());
    worker.run(move || {
        let mut packets = Packets::with_capacity(8);
        count.send(waiter.wait_many(&mut packets, None).unwrap()).unwrap();
    });
    crate::until::until("it sleeps", || (port.counters().waiting == 1).then_some(()));
    port.post(0, 0).unwrap();
    port.post(0, 1).unwrap();
    let count = counted.recv().unwrap();
    // The second may have been posted before the thread was awake, or after.
    assert_eq!(count + port.counters().queued, 2);
    assert!(count >= 1);
}

#[test]
fn packets_that_were_not_drained_leave_room_for_the_rest() {
    let port = port(1);
    (0..5).for_each(|value| port.post(0, value).unwrap());
    let mut packets = Packets::with_capacity(3);
    assert_eq!(port.wait_many(&mut packets, None).unwrap(), 3);
    assert_eq!(port.wait_many(&mut packets, None).unwrap(), 0, "there is no room, and nothing is taken");
    assert_eq!((packets.len(), port.counters().queued), (3, 2));
}

#[test]
fn a_time_out_and_a_closed_port_are_told_apart() {
    let port = port(1);
    let mut packets = Packets::with_capacity(3);
    let time = Some(Duration::from_micros(50));
    assert!(matches!(port.wait_many(&mut packets, time), Err(PortWaitError::TimedOut)));
    port.close();
    assert!(matches!(port.wait_many(&mut packets, time), Err(PortWaitError::Closed)));
    assert!(packets.is_empty());
}
