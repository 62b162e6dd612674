//! What is known of one socket.

use super::super::carrier::{Means, Room, Way};
use super::lane::Lane;
use crate::backend::contract::Attachment;
use crate::backend::windows::carrier::Ticket;

/// See the module.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) means: Means,
    pub(super) room: Room,
    pub(super) receives: Lane,
    pub(super) sends: Lane,
    /// Being closed: nothing begins any more.
    pub(super) quiescing: bool,
    /// And what the kernel has it keeps until the socket is closed.
    pub(super) lingers: bool,
    /// Of datagrams: receives that were done at once, and whose turn it is not yet.
    pub(super) ahead: usize,
    /// Of datagrams: receives that failed by what became of others, since the last one that did not.
    pub(super) fruitless: u32,
    /// Of datagrams: chains among the receives in the kernel.
    pub(super) chains: usize,
    /// Of datagrams: sends that are in the kernel as a whole, and bytes of the one after them that are.
    pub(super) covered: usize,
    pub(super) offset: usize,
    /// The system cuts messages into datagrams.
    pub(super) cuts: bool,
    /// Of datagrams: its addresses are of IPv6.
    pub(super) is_v6: bool,
    /// Of a connection: receives that the operation in the kernel fills, none when it only waits for bytes.
    pub(super) reading: usize,
    /// Bytes that it could bring.
    pub(super) asked: usize,
    /// There are bytes, or none will come: a receive takes its slice.
    pub(super) has_bytes: bool,
    /// It is known to have been connected.
    pub(super) was_connected: bool,
    /// Its sends were ended here.
    pub(super) finished: bool,
    /// It is not connected yet, or a socket of datagrams not bound, or its network is down: its receives wait for that.
    pub(super) unconnected: bool,
    /// It waits for a slice of its pool.
    pub(super) dry: bool,
}

impl Socket {
    pub(super) fn new(means: Means, room: Room, cuts: bool) -> Socket {
        let (mut receives, mut sends) = (Lane::default(), Lane::default());
        receives.grow_to(means.receives);
        sends.grow_to(means.sends);
        Socket {
            means,
            room,
            receives,
            sends,
            quiescing: false,
            lingers: false,
            ahead: 0,
            fruitless: 0,
            chains: 0,
            covered: 0,
            offset: 0,
            cuts,
            is_v6: false,
            reading: 0,
            asked: 0,
            has_bytes: false,
            was_connected: false,
            finished: false,
            unconnected: false,
            dry: false,
        }
    }

    /// The kernel has something of it.
    pub(super) fn is_busy(&self) -> bool {
        self.receives.under_way() + self.sends.under_way() > 0
    }

    pub(super) fn lane_mut(&mut self, way: Way) -> &mut Lane {
        match way {
            Way::In => &mut self.receives,
            Way::Out => &mut self.sends,
        }
    }
}

/// How many requests the sides may have.
pub(super) fn room_of(attachment: &Attachment) -> Room {
    let (receives, receive_buffers) =
        attachment.receive.as_ref().map_or((0, 0), |side| (side.limit, side.buffers));
    let (sends, send_buffers) = attachment.send.as_ref().map_or((0, 0), |side| (side.limit, side.buffers));
    Room { receives, receive_buffers, sends, send_buffers }
}

/// Names an operation.
#[inline]
pub(super) fn ticket(key: u32, way: Way, place: u16) -> Ticket {
    Ticket { key, way, place }
}
