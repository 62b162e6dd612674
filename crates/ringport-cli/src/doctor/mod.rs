//! `ringport doctor`: what this kernel and these limits allow, which backend is chosen and why, what to change.
//!
//! Findings are collected first and judged afterwards, so that the same advice goes to people and machines.

mod advice;
mod backend;
mod limits;
mod print;

use serde::Serialize;

use crate::cli::DoctorOptions;
use crate::failure::Failure;
use crate::figures::machine::Machine;
use crate::output;

use advice::Advice;
use backend::Backend;
use limits::Limits;

/// Everything that was found.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Findings {
    pub(crate) machine: Machine,
    pub(crate) backend: Backend,
    pub(crate) limits: Limits,
    pub(crate) offload: Offload,
}

/// What the kernel does with many datagrams at once.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Offload {
    /// Received datagrams of one flow are handed over together (UDP_GRO).
    pub(crate) gro: bool,
    /// One buffer is cut into datagrams on the way out (UDP_SEGMENT).
    pub(crate) gso: bool,
}

/// The findings and what follows from them.
#[derive(Debug, Serialize)]
struct Report {
    #[serde(flatten)]
    findings: Findings,
    advice: Vec<Advice>,
}

/// Looks, and prints what was found.
pub(crate) fn run(options: &DoctorOptions) -> Result<(), Failure> {
    let findings = Findings {
        machine: Machine::here(),
        backend: Backend::here(),
        limits: Limits::here(),
        offload: Offload { gro: ringport::net::gro_supported(), gso: ringport::net::gso_supported() },
    };
    let advice = advice::on(&findings);
    if options.json {
        output::json(&Report { findings, advice })?;
    } else {
        print::findings(&findings)?;
        print::advice(&advice)?;
    }
    Ok(())
}
