//! The findings on Windows for people.

use std::io;

use crate::doctor::print::{self, has, heading, row};
use crate::output::{self, styled};

use super::Findings;

/// Prints what was found.
pub(super) fn findings(findings: &Findings) -> io::Result<()> {
    let (machine, memory, backend) = (&findings.machine, &findings.limits, &findings.backend);
    heading("machine")?;
    row("system", &machine.kernel)?;
    row("CPUs", &format!("{} ({})", machine.cpus, machine.cpu_model))?;
    heading("backend")?;
    print::choice(&backend.choice)?;
    let state = match &backend.registered_io.refusal {
        None => styled(output::GOOD, "there"),
        Some(refusal) => styled(output::BAD, &format!("not there: {refusal}")),
    };
    row("Registered I/O", &state)?;
    print::features(&backend.registered_io.features)?;
    row("overlapped", &format!("{}, on every Windows", styled(output::GOOD, "there")))?;
    row(
        "offload",
        &format!(
            "receives in runs {}, UDP_SEND_MSG_SIZE {}",
            has(findings.offload.gro),
            has(findings.offload.gso)
        ),
    )?;
    heading("limits")?;
    let allowed = |refusal: &Option<String>| match refusal {
        None => styled(output::GOOD, "allowed"),
        Some(refusal) => styled(output::WARNING, &format!("not allowed: {refusal}")),
    };
    row("locked memory", &allowed(&memory.locked_memory_refusal))?;
    row("large pages", &allowed(&memory.large_pages_refusal))?;
    row("open sockets", "no limit but memory")?;
    row("socket buffers", "no limit but memory")
}
