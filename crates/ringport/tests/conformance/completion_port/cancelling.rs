//! Cancelling operations.

use ringport::port::CancelError;

use super::operations::{done, sorted};
use super::rig::{Outcome, Port, Udp};
use crate::World;
use crate::framework::row::{Table, row};

pub(super) const TABLE: Table = Table {
    name: "cancelling",
    title: "Cancel",
    rows: &[
        row!(
            a_cancelled_operation_posts_its_packet,
            "One operation is cancelled: its packet says aborted, and the others go on.",
            broken by "its packet is lost",
        ),
        row!(
            all_are_cancelled,
            "All operations of a handle are cancelled, and each posts its one packet.",
            broken by "one packet is lost",
        ),
        row!(
            what_had_finished_keeps_its_result,
            "An operation that had finished when it was cancelled posts its true result.",
            broken by "its packet says aborted",
        ),
        row!(
            nothing_to_cancel_is_not_found,
            "Where there is nothing to cancel, the caller is told so.",
            broken by "it is a success",
        ),
        row!(
            closing_a_handle_aborts_its_operations,
            "Closing a handle cancels what is outstanding on it, one packet each.",
            broken by "the packets are lost",
        ),
    ],
};

/// A socket with receives of these contexts.
fn receiving(port: &Port, contexts: std::ops::Range<u64>) -> (Udp, Vec<ringport::port::OperationId>) {
    let udp = Udp::new(port, 1);
    let start = |context| udp.receive(vec![0; 16], context).unwrap().pending().unwrap();
    let operations = contexts.map(start).collect();
    (udp, operations)
}

fn a_cancelled_operation_posts_its_packet(world: &World) {
    let port = Port::new(world, 1);
    let (udp, operations) = receiving(&port, 0..3);
    udp.cancel(operations[1]).unwrap();
    let finished = done(&port);
    assert_eq!((finished.context, finished.outcome), (1, Outcome::Aborted));
    assert!(port.is_silent() && udp.outstanding() == 2);
    udp.arrive(b"x");
    assert_eq!(done(&port).outcome, Outcome::Success(1));
}

fn all_are_cancelled(world: &World) {
    let port = Port::new(world, 1);
    let (udp, _operations) = receiving(&port, 0..5);
    assert_eq!(udp.cancel_all(), Ok(5));
    let all = sorted(&port, 5);
    assert!(all.iter().all(|finished| finished.outcome == Outcome::Aborted), "{all:?}");
    assert!(all.iter().map(|finished| finished.context).eq(0..5), "{all:?}");
    assert!(port.is_silent());
}

fn what_had_finished_keeps_its_result(world: &World) {
    let port = Port::new(world, 1);
    let udp = Udp::new(&port, 1);
    let sent = udp.send_to(b"sent".to_vec(), udp.address, 71).unwrap().pending().unwrap();
    assert_eq!(udp.cancel(sent), Err(CancelError::NotFound));
    assert_eq!(done(&port).outcome, Outcome::Success(4));
}

fn nothing_to_cancel_is_not_found(world: &World) {
    let port = Port::new(world, 1);
    assert_eq!(Udp::new(&port, 1).cancel_all(), Err(CancelError::NotFound));
}

fn closing_a_handle_aborts_its_operations(world: &World) {
    let port = Port::new(world, 1);
    let (udp, _operations) = receiving(&port, 0..3);
    udp.close();
    let all = sorted(&port, 3);
    assert!(all.iter().all(|finished| finished.outcome == Outcome::Aborted), "{all:?}");
    assert!(port.is_silent());
}
