//! The port of Windows: the system's own, and what our contract has beside it.
//!
//! | of the system | of this room |
//! | --- | --- |
//! | packets in their order, the limit on running threads, the freshest thread first, noticing who blocks | – |
//! | a queue of packets | a limit on it, for posted ones ([`places`]) |
//! | three numbers a packet | packets of three types (`backend/windows/packets.rs`) |
//! | a handle that is closed while threads wait on it | closing that ends all waits, now and later ([`closing`]) |
//! | – | figures of its threads ([`seat`]) |

mod closing;
mod core;
mod figures;
mod places;
mod queues;
mod seat;

pub(crate) use self::core::PortCore;
pub(in crate::port) use seat::Seat;

use super::error::PortError;

/// Room for the packets of a wait for many, kept by the thread.
pub(in crate::port) type Room = crate::backend::PacketRoom;

/// Packets of a wait for many, as a rule. Room for more is made by the first wait for more.
pub(in crate::port) fn room() -> Room {
    Room::new(64)
}

/// Why a handle was not associated, from what the system says.
pub(in crate::port) fn association_error(source: std::io::Error) -> PortError {
    // Of a socket it means only this; a file was opened again before it was said of one.
    match source.raw_os_error() {
        Some(crate::backend::ASSOCIATED) => PortError::AssociatedBefore,
        _ => PortError::System { what: "associating a handle with a port", source },
    }
}
