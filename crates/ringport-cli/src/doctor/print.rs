//! The findings for people.

use std::io;

use crate::output::{self, grouped, styled};

use super::Findings;
use super::advice::Advice;
use super::limits::Limit;

/// Prints what was found.
pub(crate) fn findings(findings: &Findings) -> io::Result<()> {
    let (machine, limits, backend) = (&findings.machine, &findings.limits, &findings.backend);
    heading("machine")?;
    row("kernel", &machine.kernel)?;
    row("CPUs", &format!("{} ({})", machine.cpus, machine.cpu_model))?;
    heading("backend")?;
    row("chosen", &format!("{}: {}", backend.chosen.as_deref().unwrap_or("none"), backend.why))?;
    let for_tcp = match (&backend.chosen_for_tcp, &backend.chosen) {
        (Some(for_tcp), chosen) if Some(for_tcp) != chosen.as_ref() => {
            format!("{for_tcp}: it costs less where connections take turns")
        }
        (for_tcp, _) => for_tcp.clone().unwrap_or("none".into()),
    };
    row("for TCP", &for_tcp)?;
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
    for feature in &io_uring.features {
        let (style, word) = match (feature.available, feature.required) {
            (true, _) => (output::GOOD, "yes"),
            (false, false) => (output::WARNING, "no "),
            (false, true) => (output::BAD, "no "),
        };
        let need = if feature.required { "needed" } else { "helpful" };
        let error = feature.error.as_ref().map_or(String::new(), |error| format!(": {error}"));
        row("", &format!("{} {} ({need}{error})", styled(style, word), feature.name))?;
    }
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

/// Prints what to change.
pub(crate) fn advice(advice: &[Advice]) -> io::Result<()> {
    heading("advice")?;
    if advice.is_empty() {
        return output::line(&format!("  {}", styled(output::GOOD, "nothing to change")));
    }
    for advice in advice {
        output::line(&format!("  {}", styled(output::WARNING, &advice.finding)))?;
        output::line(&format!("    effect  {}", advice.effect))?;
        output::line(&format!("    change  {}", advice.change))?;
    }
    Ok(())
}

fn heading(text: &str) -> io::Result<()> {
    output::line(&styled(output::HEADING, text))
}

fn row(name: &str, text: &str) -> io::Result<()> {
    output::line(&format!("  {name:<15} {text}"))
}

fn limit(limit: Limit) -> String {
    let number = |value: Option<u64>| value.map_or("unlimited".into(), grouped);
    if limit.soft == limit.hard {
        number(limit.soft)
    } else {
        format!("{} (may be raised to {})", number(limit.soft), number(limit.hard))
    }
}

fn has(there: bool) -> String {
    if there { styled(output::GOOD, "yes") } else { styled(output::WARNING, "no") }
}

fn on_or_off(on: bool) -> &'static str {
    if on { "in force" } else { "none" }
}
