//! The machine that figures were taken on: without it nobody can use them.

use std::thread;

use serde::{Deserialize, Serialize};

use crate::sys::machine;

/// The machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) kernel: String,
    pub(crate) cpus: usize,
    pub(crate) cpu_model: String,
    /// The most a socket's receive buffer may have (net.core.rmem_max), in bytes; None where there is no such limit.
    pub(crate) rmem_max: Option<u64>,
}

impl Machine {
    pub(crate) fn here() -> Machine {
        Machine {
            kernel: machine::kernel(),
            cpus: thread::available_parallelism().map_or(1, usize::from),
            cpu_model: machine::cpu_model().unwrap_or_else(|| "unknown".into()),
            rmem_max: machine::largest_receive_buffer(),
        }
    }
}
