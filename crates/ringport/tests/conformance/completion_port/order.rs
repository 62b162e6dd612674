//! What a port does not promise: several threads may handle the packets of one plain handle out of order.

use super::rig::{Event, Port, Udp, Worker};
use crate::World;
use crate::framework::row::{Table, row};

pub(super) const TABLE: Table = Table {
    name: "order",
    title: "Order of plain handles",
    rows: &[row!(
        packets_of_one_handle_may_overtake,
        "A thread handles a later packet of a handle while another one has not finished the earlier.",
        broken by "the later packet waits for the earlier one",
        not under wine: "its fault is a port of one running thread, which Wine does not keep to",
    )],
};

fn packets_of_one_handle_may_overtake(world: &World) {
    let port = Port::new(world, 6);
    let udp = Udp::new(&port, 1);
    let workers = [Worker::new(&port), Worker::new(&port)];
    for context in 0..2 {
        udp.send_to(b"x".to_vec(), udp.address, context).unwrap();
    }
    // The first takes its packet and has it, while the second takes the next one and is done with it.
    for (context, worker) in (0..).zip(&workers) {
        worker.wait();
        let ended = worker.report();
        assert!(matches!(&ended, Ok(Event::Done(done)) if done.context == context), "{ended:?}");
    }
    assert_eq!(port.counters().running, 2);
}
