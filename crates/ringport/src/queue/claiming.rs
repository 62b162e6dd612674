//! A request queue takes the directions of its socket that it serves.

use super::error::QueueError;
use super::limits::Limits;
use crate::net::{Claim, RegisteredSocket, Sides};

/// Takes the directions for which there are limits, until the claim is dropped.
pub(super) fn claim(socket: &impl RegisteredSocket, limits: &Limits) -> Result<Claim, QueueError> {
    let sides = Sides { receive: limits.receives > 0, send: limits.sends > 0 };
    Claim::take(socket, sides)
        .map_err(|source| QueueError::System { what: "telling a socket from others", source })?
        .ok_or(QueueError::SocketTaken)
}
