//! What comes beside the bytes: addresses and control messages.

use std::net::IpAddr;

use ringport::UdpSocket;
use ringport::queue::PostError;

use crate::World;
use crate::framework::row::{Table, row};
use crate::rig::{Done, ReceiveAs, Scene, SendAs, limits, plain, private};

pub(super) const TABLE: Table = Table {
    name: "addresses",
    title: "Receives and sends with addresses",
    rows: &[
        row!(
            the_source_comes_with_each_datagram,
            "A receive that asks for addresses learns where its datagram came from.",
            broken by "all seem to come from the first sender",
        ),
        row!(
            the_local_address_comes_with_the_datagram,
            "It learns the address that the datagram was sent to, where the socket gives it.",
            broken by "that is left out",
        ),
        row!(
            control_messages_come_with_the_datagram,
            "Control messages that the socket was told to give come with each datagram.",
            broken by "they are left out",
            not under wine: "it does not tell when a datagram came; `tests/net/control.rs` has others",
        ),
        row!(
            a_send_names_its_destination,
            "Each send goes where it says.",
            broken by "all go to the first destination",
        ),
        row!(
            a_send_without_a_destination_is_refused,
            "A send that names no destination is refused on a socket that is not connected.",
            broken by "the refusal is swallowed",
        ),
    ],
};

const WITH_ADDRESSES: ReceiveAs = ReceiveAs { addresses: true, silent: false, wait_all: false };

fn the_source_comes_with_each_datagram(world: &World) {
    let mut scene = Scene::new(world, limits(4, 0));
    let clients = [plain(), plain(), plain(), plain()];
    for (token, client) in (0..).zip(&clients) {
        scene.requests.receive_as(WITH_ADDRESSES, scene.pool.take(), token).unwrap();
        client.send_to(&[token as u8], scene.address).unwrap();
    }
    for done in scene.take(4) {
        let client = &clients[usize::from(done.content()[0])];
        assert_eq!(done.peer, Some(client.local_addr().unwrap()));
    }
}

/// What a datagram to `to` brings, of a socket that gives what `asked` asks it for.
fn received(world: &World, to: IpAddr, asked: fn(&UdpSocket)) -> Done {
    let socket = UdpSocket::bind((to, 0)).unwrap();
    asked(&socket);
    let mut scene = Scene::with_socket(world, limits(1, 0), socket);
    scene.requests.receive_as(WITH_ADDRESSES, scene.pool.take(), 0).unwrap();
    scene.arrive(b"x");
    scene.take_one()
}

fn the_local_address_comes_with_the_datagram(world: &World) {
    let to = IpAddr::from(private());
    assert_eq!(received(world, to, |socket| socket.packet_info(true).unwrap()).local, Some(to));
}

fn control_messages_come_with_the_datagram(world: &World) {
    let control = received(world, private().into(), |socket| socket.timestamps(true).unwrap()).control;
    assert!(control.iter().any(|message| message.starts_with("Timestamp")), "{control:?}");
}

fn a_send_names_its_destination(world: &World) {
    let mut scene = Scene::new(world, limits(0, 4));
    let others = [plain(), plain(), plain()];
    for (token, client) in (0..).zip(&others) {
        let to = SendAs::to(client.local_addr().unwrap());
        scene.requests.send_as(to, scene.pool.filled(&[token]), u64::from(token)).unwrap();
    }
    for (token, client) in (0..).zip(others) {
        scene.client = client;
        assert_eq!(scene.reply(), [token]);
    }
}

fn a_send_without_a_destination_is_refused(world: &World) {
    let scene = Scene::new(world, limits(0, 1));
    let refused = scene.requests.send_as(SendAs::default(), scene.pool.filled(b"where"), 0).unwrap_err();
    assert!(matches!(refused.error, PostError::NoDestination), "{refused}");
}
