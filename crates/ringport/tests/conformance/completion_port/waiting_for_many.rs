//! Waiting for many packets.

use std::time::Duration;

use ringport::port::PortWaitError;

use super::rig::Port;
use crate::World;
use crate::framework::row::{Table, row};

pub(super) const TABLE: Table = Table {
    name: "waiting_for_many",
    title: "Wait for many",
    rows: &[
        row!(
            as_many_come_as_fit,
            "As many packets come at once as are there and as the caller asks for at most.",
            broken by "one comes at a time",
        ),
        row!(
            at_least_one_comes,
            "A wait for many that succeeds brings at least one packet.",
            broken by "it brings none",
        ),
        row!(
            its_ends_are_told_apart,
            "Its time being over and the port being closed are told apart.",
            broken by "a closed port says that the time is over",
        ),
    ],
};

fn as_many_come_as_fit(world: &World) {
    let port = Port::new(world, 1);
    (0..12).for_each(|value| port.post(0, value).unwrap());
    for expected in [5, 5, 2] {
        assert_eq!(port.wait_many(5, Some(world.patience())).unwrap().len(), expected);
    }
}

fn at_least_one_comes(world: &World) {
    let port = Port::new(world, 1);
    let poster = port.clone();
    let other = std::thread::spawn(move || poster.post(0, 1).is_ok());
    assert!(!port.wait_many(3, Some(world.patience())).unwrap().is_empty());
    assert!(other.join().unwrap());
}

fn its_ends_are_told_apart(world: &World) {
    let port = Port::new(world, 1);
    let ended = port.wait_many(2, Some(Duration::from_micros(200)));
    assert!(matches!(ended, Err(PortWaitError::TimedOut)), "{ended:?}");
    port.close();
    let ended = port.wait_many(2, None);
    assert!(matches!(ended, Err(PortWaitError::Closed)), "{ended:?}");
}
