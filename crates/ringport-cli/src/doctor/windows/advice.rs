//! What to change on Windows.

use super::Findings;
use crate::doctor::advice::{Advice, on_choice, on_processors};

/// The advice that follows from the findings; none is good news. Large pages are no part of it: no user has the right to
/// them by default, and only a server that asks for them misses it.
pub(super) fn on(findings: &Findings) -> Vec<Advice> {
    let mut advice: Vec<Advice> = on_choice(&findings.backend.choice).into_iter().collect();
    if let Some(reason) = &findings.backend.registered_io.refusal {
        advice.push(Advice {
            finding: format!("there is no Registered I/O: {reason}"),
            effect: "programs run on overlapped operations, which work everywhere and take a system call for each \
                     request"
                .into(),
            change: "use Windows 8, Windows Server 2012 or later; Wine has none".into(),
        });
    }
    if let Some(reason) = &findings.limits.locked_memory_refusal {
        advice.push(Advice {
            finding: format!("memory cannot be locked: {reason}"),
            effect: "buffers run unlocked where they are not registered, so the first use of a page may wait"
                .into(),
            change: "give the process a larger working set, or the machine more memory".into(),
        });
    }
    if !findings.offload.gro || !findings.offload.gso {
        advice.push(Advice {
            finding: "the network stack does not handle datagrams in runs (UDP_RECV_MAX_COALESCED_SIZE, \
                      UDP_SEND_MSG_SIZE)"
                .into(),
            effect: "every datagram goes through the network stack by itself".into(),
            change: "use Windows 10 version 2004, Windows Server 2022 or later".into(),
        });
    }
    advice.extend(on_processors(findings.machine.cpus));
    advice
}

#[cfg(test)]
mod tests {
    use super::super::backend::{Backend, RegisteredIo};
    use super::super::memory::Memory;
    use super::*;
    use crate::doctor::Offload;
    use crate::doctor::choice::Choice;
    use crate::figures::machine::Machine;

    fn healthy() -> Findings {
        Findings {
            machine: Machine { kernel: "Windows".into(), cpus: 4, cpu_model: String::new(), rmem_max: None },
            backend: Backend {
                choice: Choice {
                    chosen: Some("rio".into()),
                    why: String::new(),
                    chosen_for_tcp: None,
                    forced: None,
                },
                registered_io: RegisteredIo { available: true, refusal: None, features: vec![] },
            },
            limits: Memory { locked_memory_refusal: None, large_pages_refusal: Some("no right".into()) },
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
        let cases: [(Fault, &str); 4] = [
            (|it| it.backend.registered_io.refusal = Some("none".into()), "Windows 8"),
            (|it| it.limits.locked_memory_refusal = Some("none".into()), "working set"),
            (|it| it.offload.gro = false, "version 2004"),
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
}
