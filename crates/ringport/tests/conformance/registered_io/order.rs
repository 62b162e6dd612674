//! In which order things happen.

use std::io::{Read, Write};
use std::sync::Mutex;

use ringport::{CompletionPort, Packet, PortRequestQueue};

use super::streams::Stage;
use crate::World;
use crate::framework::row::{Table, row};
use crate::rig::{Pool, Scene, SendAs, connection, drain, limits, queue_on};

pub(super) const TABLE: Table = Table {
    name: "order",
    title: "Order",
    rows: &[
        row!(
            receives_fill_in_the_order_of_posting,
            "Datagrams fill the receives of a socket in the order they were posted.",
            broken by "two of them change places",
        ),
        row!(
            sends_leave_in_the_order_of_posting,
            "The sends of a queue leave in the order they were posted.",
            broken by "two of them change places",
        ),
        row!(
            bytes_of_a_stream_fill_receives_in_the_order_of_posting,
            "With several receives pending on one stream, its bytes fill them in the order they were posted.",
            broken by "two of them change places",
        ),
        row!(
            sends_of_a_stream_leave_in_the_order_of_posting,
            "The sends of a stream leave in the order they were posted.",
            broken by "two of them change places",
        ),
        row!(
            a_stream_stays_in_order_whatever_thread_takes_it,
            "Receives of one stream on a port, handled by whichever thread has the packet, keep the order of its bytes.",
            broken by "two of a batch change places",
        ),
    ],
};

fn receives_fill_in_the_order_of_posting(world: &World) {
    let mut scene = Scene::new(world, limits(16, 0));
    scene.post(0..16);
    (0..16).for_each(|number| scene.arrive(&[number]));
    for done in scene.take(16) {
        assert_eq!(done.content(), [done.token as u8]);
    }
}

fn sends_leave_in_the_order_of_posting(world: &World) {
    let scene = Scene::new(world, limits(0, 16));
    (0..16).for_each(|number| scene.send(&[number], u64::from(number)));
    (0..16).for_each(|number| assert_eq!(scene.reply(), [number]));
}

fn bytes_of_a_stream_fill_receives_in_the_order_of_posting(world: &World) {
    let mut stage = Stage::new(world);
    stage.post(0..4);
    let sent: Vec<u8> = (0..4 * 256u16).map(|number| (number / 4) as u8).collect();
    stage.arrive(&sent);
    let mut done = stage.take(4);
    done.sort_by_key(|done| done.token);
    let received: Vec<u8> = done.iter().flat_map(|done| done.content()).collect();
    assert!(received == sent, "the bytes are in another order");
}

fn sends_of_a_stream_leave_in_the_order_of_posting(world: &World) {
    let mut stage = Stage::new(world);
    for number in 0..6 {
        stage.requests.send_as(SendAs::default(), stage.pool.filled(&[number]), u64::from(number)).unwrap();
    }
    let mut bytes = [9; 6];
    stage.peer.read_exact(&mut bytes).unwrap();
    assert_eq!(bytes, [0, 1, 2, 3, 4, 5]);
}

fn a_stream_stays_in_order_whatever_thread_takes_it(world: &World) {
    const BYTES: usize = 16 * 256;
    let port = CompletionPort::new(2).unwrap();
    let queue = queue_on(world, &port, 4, 0, 4);
    let (socket, mut peer) = connection();
    let pool = Pool::new(world, 256, 8).unwrap();
    let requests = PortRequestQueue::new(&socket, &queue, &queue, limits(4, 0), 0).unwrap();
    (0..4).for_each(|token| requests.receive(pool.take(), token).unwrap());
    let sent: Vec<u8> = (0..BYTES).map(|number| (number / 16) as u8).collect();
    peer.write_all(&sent).unwrap();
    // So the first packet brings several results.
    world.until("the first receives", || (queue.completed() == 4).then_some(()));
    let received = Mutex::new(Vec::new());
    let work = || {
        while let Ok(Packet::Ready(mut ready)) = port.wait(Some(world.patience())) {
            for done in drain(world, &mut ready) {
                let mut received = received.lock().unwrap();
                received.extend(done.content());
                if received.len() == BYTES {
                    (0..2).for_each(|_| _ = port.post(0, 0));
                } else if requests.receive(pool.take(), 0).is_err() {
                    return;
                }
            }
            // To re-arm is the last step: then the next packet may wake the other thread.
            ready.notify();
        }
    };
    std::thread::scope(|scope| (0..2).for_each(|_| _ = scope.spawn(work)));
    assert!(received.into_inner().unwrap() == sent, "the bytes are in another order");
}
