//! What is looked for on Linux: io_uring and who forbids it, the limits of the process, and those of its sockets.

mod advice;
mod backend;
mod limits;
mod print;

use std::io;

use serde::Serialize;

use super::Offload;
use super::advice::Advice;
use crate::figures::machine::Machine;

use backend::Backend;
use limits::Limits;

/// Everything that was found.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Findings {
    machine: Machine,
    backend: Backend,
    limits: Limits,
    offload: Offload,
}

impl Findings {
    pub(super) fn here() -> Findings {
        Findings {
            machine: Machine::here(),
            backend: Backend::here(),
            limits: Limits::here(),
            offload: Offload::here(),
        }
    }

    pub(super) fn advice(&self) -> Vec<Advice> {
        advice::on(self)
    }

    pub(super) fn print(&self) -> io::Result<()> {
        print::findings(self)
    }
}
