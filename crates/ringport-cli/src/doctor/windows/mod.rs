//! What is looked for on Windows: Registered I/O, offload, and large pages. Sockets and memory have no other limit than
//! the machine's own.

mod advice;
mod backend;
mod memory;
mod print;

use std::io;

use serde::Serialize;

use super::Offload;
use super::advice::Advice;
use crate::figures::machine::Machine;

use backend::Backend;
use memory::Memory;

/// Everything that was found.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Findings {
    machine: Machine,
    backend: Backend,
    limits: Memory,
    offload: Offload,
}

impl Findings {
    pub(super) fn here() -> Findings {
        Findings {
            machine: Machine::here(),
            backend: Backend::here(),
            limits: Memory::here(),
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
