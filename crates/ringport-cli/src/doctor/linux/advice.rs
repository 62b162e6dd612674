//! What to change on Linux.

use super::Findings;
use super::limits::Limit;
use crate::doctor::advice::{Advice, on_choice, on_processors};

/// The memory that a server with the tool's defaults locks, and room to grow.
const LOCKED_MEMORY: u64 = 64 << 20;
/// The receive buffer that the comparison asks for.
const RECEIVE_BUFFER: u64 = 4 << 20;
/// Descriptors for a socket and a ring a thread, and connections besides.
const OPEN_FILES: u64 = 4_096;

/// The advice that follows from the findings; none is good news.
pub(super) fn on(findings: &Findings) -> Vec<Advice> {
    let mut advice: Vec<Advice> = on_choice(&findings.backend.choice).into_iter().collect();
    io_uring(findings, &mut advice);
    limits(findings, &mut advice);
    if !findings.offload.gro || !findings.offload.gso {
        advice.push(Advice {
            finding:
                "the kernel does not handle datagrams in runs (UDP_GRO needs Linux 5.0, UDP_SEGMENT 4.18)"
                    .into(),
            effect: "every datagram goes through the network stack by itself".into(),
            change: "use a newer kernel".into(),
        });
    }
    advice.extend(on_processors(findings.machine.cpus));
    advice
}

fn io_uring(findings: &Findings, advice: &mut Vec<Advice>) {
    let io_uring = &findings.backend.io_uring;
    let effect = "io_uring cannot be used; programs run on epoll, which works and costs more a datagram";
    if io_uring.allowed {
        return;
    }
    let change = match (io_uring.sysctl_disabled, io_uring.seccomp_filter) {
        (Some(2), _) => "sysctl -w kernel.io_uring_disabled=0",
        (Some(1), _) => {
            "sysctl -w kernel.io_uring_disabled=0, or add the user to the group of kernel.io_uring_group"
        }
        (_, true) => {
            "a seccomp filter is in force: allow io_uring_setup, io_uring_enter and io_uring_register in it \
             (docker run --security-opt seccomp=PROFILE.json)"
        }
        (_, false) => "use a newer kernel, built with CONFIG_IO_URING",
    };
    let reason = io_uring.refusal.clone().unwrap_or_else(|| "switched off".into());
    let finding = format!("io_uring is not allowed here: {reason}");
    advice.push(Advice { finding, effect: effect.into(), change: change.into() });
}

fn limits(findings: &Findings, advice: &mut Vec<Advice>) {
    let limits = &findings.limits;
    if !limits.may_lock_beyond && below(limits.locked_memory, LOCKED_MEMORY) {
        advice.push(Advice {
            finding: format!(
                "only {} bytes may be locked (RLIMIT_MEMLOCK)",
                number(limits.locked_memory.soft)
            ),
            effect: "buffers beyond that run unlocked, so the first use of a page may wait for the kernel"
                .into(),
            change: "ulimit -l unlimited, LimitMEMLOCK=infinity in a systemd unit, or memlock in \
                     /etc/security/limits.conf"
                .into(),
        });
    }
    if !limits.may_buffer_beyond && limits.rmem_max.is_some_and(|most| most < RECEIVE_BUFFER) {
        advice.push(Advice {
            finding: format!("receive buffers end at {} bytes (net.core.rmem_max)", number(limits.rmem_max)),
            effect: "a short burst overflows the socket, and the datagrams are lost".into(),
            change: format!("sysctl -w net.core.rmem_max={RECEIVE_BUFFER}"),
        });
    }
    if below(limits.open_files, OPEN_FILES) {
        advice.push(Advice {
            finding: format!(
                "only {} descriptors may be open (RLIMIT_NOFILE)",
                number(limits.open_files.soft)
            ),
            effect: "servers with many sockets or connections stop there".into(),
            change: "ulimit -n 65536, or LimitNOFILE=65536 in a systemd unit".into(),
        });
    }
}

fn below(limit: Limit, wanted: u64) -> bool {
    limit.soft.is_some_and(|soft| soft < wanted)
}

fn number(value: Option<u64>) -> String {
    value.map_or("any number of".into(), crate::output::grouped)
}

#[cfg(test)]
mod tests {
    use super::super::backend::{Backend, IoUring};
    use super::super::limits::Limits;
    use super::*;
    use crate::doctor::Offload;
    use crate::doctor::choice::Choice;
    use crate::figures::machine::Machine;

    fn healthy() -> Findings {
        let plenty = Limit { soft: None, hard: None };
        Findings {
            machine: Machine { kernel: "Linux".into(), cpus: 4, cpu_model: String::new(), rmem_max: None },
            backend: Backend {
                choice: Choice {
                    chosen: Some("uring".into()),
                    why: String::new(),
                    chosen_for_tcp: None,
                    forced: None,
                },
                io_uring: IoUring {
                    allowed: true,
                    refusal: None,
                    sysctl_disabled: Some(0),
                    seccomp_filter: false,
                    features: vec![],
                },
            },
            limits: Limits {
                locked_memory: plenty,
                may_lock_beyond: false,
                open_files: plenty,
                may_buffer_beyond: false,
                rmem_max: Some(RECEIVE_BUFFER),
                rmem_default: None,
                wmem_max: None,
                wmem_default: None,
            },
            offload: Offload { gro: true, gso: true },
        }
    }

    #[test]
    fn nothing_to_say_about_a_healthy_machine() {
        assert_eq!(on(&healthy()), []);
    }

    #[test]
    fn each_finding_has_its_own_way_out() {
        type Fault = fn(&mut Findings);
        let cases: [(Fault, &str); 9] = [
            (
                |it| {
                    it.backend.io_uring.allowed = false;
                    it.backend.io_uring.sysctl_disabled = Some(2);
                },
                "kernel.io_uring_disabled=0",
            ),
            (|it| it.backend.io_uring.allowed = false, "newer kernel"),
            (
                |it| {
                    it.backend.io_uring.allowed = false;
                    it.backend.io_uring.seccomp_filter = true;
                },
                "seccomp",
            ),
            (
                |it| {
                    it.backend.io_uring.allowed = false;
                    it.backend.io_uring.sysctl_disabled = Some(1);
                },
                "io_uring_group",
            ),
            (|it| it.limits.locked_memory.soft = Some(65_536), "LimitMEMLOCK"),
            (|it| it.limits.rmem_max = Some(212_992), "net.core.rmem_max=4194304"),
            (|it| it.limits.open_files.soft = Some(256), "LimitNOFILE"),
            (|it| it.offload.gro = false, "newer kernel"),
            (|it| it.machine.cpus = 1, "at least two"),
        ];
        for (fault, change) in cases {
            let mut findings = healthy();
            fault(&mut findings);
            let advice = on(&findings);
            assert_eq!(advice.len(), 1, "{change}: {advice:?}");
            assert!(advice[0].change.contains(change), "{change}: {advice:?}");
        }
    }

    #[test]
    fn who_may_go_beyond_a_limit_is_not_bothered_with_it() {
        let mut findings = healthy();
        findings.limits.locked_memory.soft = Some(65_536);
        findings.limits.rmem_max = Some(212_992);
        (findings.limits.may_lock_beyond, findings.limits.may_buffer_beyond) = (true, true);
        assert_eq!(on(&findings), []);
    }
}
