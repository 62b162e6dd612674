//! What a port delivers of its completion queues.

use std::time::Duration;

use ringport::port::PortWaitError;
use ringport::{CompletionPort, Packet, Ready};

use crate::common::PATIENCE;

/// Waits for the packet of a queue; one that does not come was lost.
pub(crate) fn ready(port: &CompletionPort) -> Ready {
    match port.wait(Some(PATIENCE)) {
        Ok(Packet::Ready(ready)) => ready,
        other => panic!("no packet of a queue: {other:?}"),
    }
}

/// Whether the port has nothing to deliver.
pub(crate) fn is_silent(port: &CompletionPort) -> bool {
    matches!(port.wait(Some(Duration::ZERO)), Err(PortWaitError::TimedOut))
}
