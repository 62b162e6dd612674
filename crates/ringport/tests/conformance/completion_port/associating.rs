//! Associating handles with a port.

use ringport::port::PortError;

use super::rig::{Event, Port, Udp};
use crate::World;
use crate::framework::row::{Table, row};
use crate::rig::bound;

pub(super) const TABLE: Table = Table {
    name: "associating",
    title: "Associate",
    rows: &[
        row!(
            the_key_comes_back,
            "The key of a handle comes back with each of its packets.",
            broken by "another key comes back",
        ),
        row!(
            a_handle_has_one_port,
            "A handle that is associated cannot be associated again, with the same port or another.",
            broken by "the refusal is swallowed",
        ),
        row!(
            a_closed_handle_is_free,
            "When its associated handle was closed, a socket may have another port.",
            broken by "it is taken for good",
            not on windows: "Windows gives a socket to one port for good: that port takes it again, another refuses it (`tests/port_operations/association.rs`)",
        ),
    ],
};

fn the_key_comes_back(world: &World) {
    let port = Port::new(world, 1);
    for key in [0, 7, u64::MAX - 1] {
        let udp = Udp::new(&port, key);
        udp.send_to(b"x".to_vec(), udp.address, 0).unwrap();
        let event = port.next();
        assert!(matches!(&event, Event::Done(done) if done.key == key), "{event:?}");
    }
}

fn a_handle_has_one_port(world: &World) {
    let (first, second, socket) = (Port::new(world, 1), Port::new(world, 1), bound());
    let _associated = Udp::associate(&first, &socket, 1).unwrap();
    for port in [&first, &second] {
        let again = Udp::associate(port, &socket, 2).err();
        assert!(matches!(again, Some(PortError::AlreadyAssociated)), "{again:?}");
    }
}

fn a_closed_handle_is_free(world: &World) {
    let (first, second, socket) = (Port::new(world, 1), Port::new(world, 1), bound());
    Udp::associate(&first, &socket, 1).unwrap().close();
    Udp::associate(&second, &socket, 2).expect("the socket is free");
}
