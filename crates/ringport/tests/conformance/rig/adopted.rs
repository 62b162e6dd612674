//! Descriptors of all kinds, which only Linux gives for the asking.

use ringport::UdpSocket;
use ringport::net::FromFdRefusal;

use super::bound;
use crate::World;
use crate::system::{Owned, take_over};

/// Takes over a socket that was opened elsewhere.
pub(crate) fn adopt(world: &World, socket: Owned) -> Result<UdpSocket, FromFdRefusal> {
    match take_over(socket) {
        Err(FromFdRefusal::NotASocket)
            if world.breaks("registered_io::request_queues::a_file_is_refused") =>
        {
            Ok(bound())
        }
        Err(FromFdRefusal::RawSocket)
            if world.breaks("registered_io::request_queues::a_raw_socket_is_refused") =>
        {
            Ok(bound())
        }
        result => result,
    }
}
