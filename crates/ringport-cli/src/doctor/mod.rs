//! `ringport doctor`: what this kernel and these limits allow, which backend is chosen and why, what to change.
//!
//! Findings are collected first and judged afterwards, so that the same advice goes to people and machines. What is
//! looked for differs from system to system, so each has a folder, with findings of its own.

mod advice;
mod choice;
#[cfg(target_os = "linux")]
mod linux;
mod print;
#[cfg(windows)]
mod windows;

use serde::Serialize;

#[cfg(target_os = "linux")]
use linux::Findings;
#[cfg(windows)]
use windows::Findings;

use crate::cli::DoctorOptions;
use crate::failure::Failure;
use crate::output;

use advice::Advice;

/// What the kernel does with many datagrams at once.
#[derive(Clone, Copy, Debug, Serialize)]
struct Offload {
    /// Received datagrams of one flow are handed over together (UDP_GRO, or receive coalescing of Windows).
    gro: bool,
    /// One buffer is cut into datagrams on the way out (UDP_SEGMENT, UDP_SEND_MSG_SIZE).
    gso: bool,
}

impl Offload {
    fn here() -> Offload {
        Offload { gro: ringport::net::gro_supported(), gso: ringport::net::gso_supported() }
    }
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
    let findings = Findings::here();
    let advice = findings.advice();
    if options.json {
        output::json(&Report { findings, advice })?;
    } else {
        findings.print()?;
        print::advice(&advice)?;
    }
    Ok(())
}
