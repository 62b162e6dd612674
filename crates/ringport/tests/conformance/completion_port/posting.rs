//! Packets of the program's own.

use ringport::port::PacketRefused;

use super::rig::{Event, Port, Worker};
use crate::World;
use crate::framework::row::{Table, row};

pub(super) const TABLE: Table = Table {
    name: "posting",
    title: "Post",
    rows: &[
        row!(
            a_packet_is_delivered_as_it_was_posted,
            "Key and value of a packet are delivered as they were posted.",
            broken by "one bit of the value is turned",
        ),
        row!(
            any_thread_may_post,
            "Any thread may post, whether it serves the port or not.",
            broken by "packets of other threads are lost",
        ),
        row!(
            a_post_wakes_one_waiter,
            "A packet wakes one thread, and the others wait on.",
            broken by "it wakes two",
            not on windows: "which thread wakes, and when, is the system's; `tests/port/post.rs` looks at what arrives",
        ),
        row!(
            an_exit_key_stops_every_thread,
            "One packet with an exit key for each thread stops them all.",
            broken by "one of these packets is lost",
        ),
        row!(
            a_closed_port_refuses_packets,
            "A closed port refuses a packet.",
            broken by "the refusal is swallowed",
        ),
        row!(
            a_full_queue_refuses_packets,
            "A queue at its limit refuses a packet, naming the limit, and takes again when there is room.",
            broken by "the refusal is swallowed",
        ),
    ],
};

fn a_packet_is_delivered_as_it_was_posted(world: &World) {
    let port = Port::new(world, 1);
    for (key, value) in [(0, 0), (1, u64::MAX), (u64::MAX, 1)] {
        port.post(key, value).unwrap();
        assert_eq!(port.posted(), (key, value));
    }
}

fn any_thread_may_post(world: &World) {
    let port = Port::new(world, 1);
    let posters = [0, 1, 2].map(|key| {
        let port = port.clone();
        std::thread::spawn(move || (0..20).all(|value| port.post(key, value).is_ok()))
    });
    let mut next = [0; 3];
    for _ in 0..60 {
        let (key, value) = port.posted();
        assert_eq!(value, next[key as usize], "what one thread posted keeps its order");
        next[key as usize] += 1;
    }
    assert!(posters.into_iter().all(|poster| poster.join().unwrap()));
}

fn a_post_wakes_one_waiter(world: &World) {
    let port = Port::new(world, 4);
    let workers = Worker::several(&port, 3);
    port.post(21, 2).unwrap();
    assert_eq!((port.counters().running, port.counters().waiting), (1, 2));
    assert_eq!(workers[2].packet(), (21, 2));
}

fn an_exit_key_stops_every_thread(world: &World) {
    const EXIT: u64 = 99;
    let (port, patience) = (Port::new(world, 2), world.patience());
    let serve = |port: Port| {
        move || loop {
            match port.wait(Some(patience)) {
                Ok(Event::Posted(EXIT, _)) => return true,
                Ok(_) => {}
                Err(_) => return false,
            }
        }
    };
    let threads = [(); 4].map(|()| std::thread::spawn(serve(port.clone())));
    (0..20).for_each(|value| port.post(0, value).unwrap());
    threads.iter().for_each(|_| port.post(EXIT, 0).unwrap());
    let stopped = threads.map(|thread| thread.join().unwrap());
    assert_eq!(stopped, [true; 4]);
}

fn a_closed_port_refuses_packets(world: &World) {
    let port = Port::new(world, 1);
    port.close();
    assert_eq!(port.post(0, 0), Err(PacketRefused::Closed));
}

fn a_full_queue_refuses_packets(world: &World) {
    let port = Port::holding(world, 3);
    (0..3).for_each(|value| port.post(0, value).unwrap());
    assert_eq!(port.post(0, 3), Err(PacketRefused::Full { limit: 3 }));
    assert_eq!(port.posted(), (0, 0));
    port.post(0, 4).unwrap();
    assert_eq!([(); 3].map(|()| port.posted().1), [1, 2, 4], "the refused one was queued");
}
