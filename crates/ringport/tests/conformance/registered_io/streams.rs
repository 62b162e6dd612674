//! Registered I/O on connections: the table. The tests are in [`bytes`], [`ends`] and [`opening`].

mod bytes;
mod ends;
mod opening;
mod stage;

use bytes::*;
use ends::*;
use opening::*;
pub(super) use stage::Stage;

use crate::framework::row::{Row, Table, row};

pub(super) const TABLE: Table = Table { name: "streams", title: "Streams", rows: ROWS };

const ROWS: &[Row] = &[
    row!(
        an_accept_brings_its_connection,
        "An accept completes with a connection, and takes one for each accept that is posted.",
        broken by "the second connection is lost",
    ),
    row!(
        sends_wait_for_the_connection,
        "A connect keeps its place among the sends: those posted behind it leave when it is made.",
        broken by "a send completes before it",
    ),
    row!(
        waiting_for_all_fills_the_slice,
        "WAITALL: the receive completes when its slice is full.",
        broken by "it completes with what there is",
    ),
    row!(
        waiting_for_all_fills_every_slice,
        "WAITALL over several slices means all of them.",
        broken by "it completes with what there is",
    ),
    row!(
        waiting_for_all_ends_with_the_stream,
        "WAITALL: at the end of the stream the receive completes with what came.",
        broken by "what came is lost",
    ),
    row!(
        waiting_for_all_ends_when_cancelled,
        "WAITALL: cancelled, the receive is aborted with what came.",
        broken by "what came is lost",
    ),
    row!(
        a_send_leaves_whole,
        "A send completes when all of it has left, however little the socket takes at a time.",
        broken by "it completes with a part",
    ),
    row!(
        an_idle_connection_holds_no_slice,
        "A receive from a pool takes its slice when there are bytes.",
        broken by "it takes the slice when it is posted",
    ),
    row!(
        the_end_completes_every_receive,
        "At the end of the stream every receive that is posted completes without bytes.",
        broken by "only the first one does",
    ),
    row!(
        the_end_follows_the_sends,
        "Half-close: the peer reads the end behind all that was sent, and receives go on.",
        broken by "the end is never sent",
    ),
    row!(
        a_reset_fails_what_is_pending,
        "A reset fails every request that is pending, as what it is.",
        broken by "it looks like the end",
    ),
    row!(
        the_last_handle_ends_the_connection,
        "When request queue and socket are gone, requests outstanding or not, the peer reads the end.",
        broken by "the socket stays open",
    ),
];
