//! Skipping the packet of what is done at once.

use ringport::port::Started;

use super::operations::done;
use super::rig::{Port, Udp};
use crate::World;
use crate::framework::row::{Table, row};

pub(super) const TABLE: Table = Table {
    name: "skipping",
    title: "Skip the packet on success",
    rows: &[
        row!(
            what_is_done_at_once_posts_no_packet,
            "Where the handle says so, what is done at once is told to the caller and posts no packet.",
            broken by "the handle's word is ignored",
        ),
        row!(
            what_has_to_wait_posts_its_packet,
            "On such a handle, what is done later posts its packet.",
            broken by "it posts none",
        ),
    ],
};

fn what_is_done_at_once_posts_no_packet(world: &World) {
    let port = Port::new(world, 1);
    let udp = Udp::new(&port, 1);
    udp.skip_on_success();
    let started = udp.send_to(b"at once".to_vec(), udp.address, 5).unwrap();
    let Started::Done(sent) = started else { panic!("there was room: {started:?}") };
    assert_eq!((sent.result().unwrap(), sent.context(), sent.key()), (7, 5, 1));
    assert!(port.is_silent(), "it posted a packet, too");
}

fn what_has_to_wait_posts_its_packet(world: &World) {
    let port = Port::new(world, 1);
    let udp = Udp::new(&port, 1);
    udp.skip_on_success();
    udp.receive(vec![0; 16], 6).unwrap();
    udp.arrive(b"later");
    assert_eq!(done(&port).received, b"later");
}
