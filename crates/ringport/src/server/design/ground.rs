//! What the threads of a server stand on: each on its own, or all on one completion port.

use std::sync::Arc;

use super::{Design, on_port, plain};
use crate::port::CompletionPort;
use crate::server::board::Board;
use crate::server::counters::{QueueCounters, ThreadCounters};
use crate::server::error::ServerError;
use crate::server::options::Options;
use crate::server::sockets::Sockets;

/// See the module.
#[derive(Clone)]
pub(in crate::server) enum Ground {
    /// Each thread has queues and memory of its own, or none.
    Own,
    /// Completion queues on a port.
    Queues(Arc<on_port::hub::Hub>),
    /// Sockets on a port.
    Sockets(Arc<plain::hub::Hub>),
}

impl Ground {
    pub(in crate::server) fn open(options: &Options, sockets: &Sockets) -> Result<Ground, ServerError> {
        Ok(match options.design {
            Design::Port1 | Design::Port | Design::PortBatched => {
                Ground::Sockets(Arc::new(plain::hub::Hub::open(options, sockets)?))
            }
            design if design.is_on_port() => {
                Ground::Queues(Arc::new(on_port::hub::Hub::open(options, sockets)?))
            }
            _ => Ground::Own,
        })
    }

    pub(in crate::server) fn port(&self) -> Option<&CompletionPort> {
        match self {
            Ground::Own => None,
            Ground::Queues(hub) => Some(&hub.port),
            Ground::Sockets(hub) => Some(&hub.port),
        }
    }

    /// What was counted by none of the threads.
    pub(in crate::server) fn figures(&self) -> (ThreadCounters, Vec<QueueCounters>) {
        match self {
            Ground::Queues(hub) => (hub.figures(), hub.queue_counters()),
            Ground::Own | Ground::Sockets(_) => Default::default(),
        }
    }

    /// The threads have ended: counts what left at the last moment, and what did not leave at all.
    pub(in crate::server) fn settle(&self, board: &Board) {
        if let Ground::Queues(hub) = self {
            hub.settle(board);
        }
    }
}
