//! The findings on Linux for people.

use std::io;

use crate::doctor::print::{self, has, heading, row};
use crate::output::{self, grouped, styled};

use super::Findings;
use super::limits::Limit;

/// Prints what was found.
pub(super) fn findings(findings: &Findings) -> io::Result<()> {
    let (machine, limits, backend) = (&findings.machine, &findings.limits, &findings.backend);
    heading("machine")?;
    row("kernel", &machine.kernel)?;
    row("CPUs", &format!("{} ({})", machine.cpus, machine.cpu_model))?;
    heading("backend")?;
    print::choice(&backend.choice)?;
    let io_uring = &backend.io_uring;
    let state = match &io_uring.refusal {
        None => styled(output::GOOD, "allowed"),
        Some(refusal) => styled(output::BAD, &format!("not allowed: {refusal}")),
    };
    row("io_uring", &state)?;
    let switch = io_uring.sysctl_disabled.map_or("not there".into(), |value| value.to_string());
    row(
        "",
        &format!("kernel.io_uring_disabled {switch}, seccomp filter {}", on_or_off(io_uring.seccomp_filter)),
    )?;
    print::features(&io_uring.features)?;
    row(
        "offload",
        &format!("UDP_GRO {}, UDP_SEGMENT {}", has(findings.offload.gro), has(findings.offload.gso)),
    )?;
    heading("limits")?;
    let beyond =
        if limits.may_lock_beyond { ", but this process may lock beyond it (CAP_IPC_LOCK)" } else { "" };
    row("locked memory", &format!("{} bytes{beyond}", limit(limits.locked_memory)))?;
    row("open files", &limit(limits.open_files))?;
    let known = |value: Option<u64>| value.map_or("unknown".into(), grouped);
    let beyond =
        if limits.may_buffer_beyond { ", but this process may ask for more (CAP_NET_ADMIN)" } else { "" };
    row(
        "receive buffer",
        &format!(
            "{} bytes by default, {} at most{beyond}",
            known(limits.rmem_default),
            known(limits.rmem_max)
        ),
    )?;
    row(
        "send buffer",
        &format!("{} bytes by default, {} at most", known(limits.wmem_default), known(limits.wmem_max)),
    )
}

fn limit(limit: Limit) -> String {
    let number = |value: Option<u64>| value.map_or("unlimited".into(), grouped);
    if limit.soft == limit.hard {
        number(limit.soft)
    } else {
        format!("{} (may be raised to {})", number(limit.soft), number(limit.hard))
    }
}

fn on_or_off(on: bool) -> &'static str {
    if on { "in force" } else { "none" }
}
