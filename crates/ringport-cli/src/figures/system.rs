//! The machine as a whole at one moment: what all its processes and its kernel did since it was started.
//!
//! Interrupts, softirqs and switches are those of the whole machine, the generator's among them; the UDP figures are
//! those of the network namespace, over IPv4 and IPv6. What this system does not tell is left out, not taken for zero.

use std::fs;

use serde::Serialize;

use super::text;

/// Counts since the machine was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct System {
    pub(crate) interrupts: Option<u64>,
    pub(crate) softirqs: Option<u64>,
    /// Softirqs that received packets.
    pub(crate) softirqs_net_rx: Option<u64>,
    /// Softirqs that ended sends of packets.
    pub(crate) softirqs_net_tx: Option<u64>,
    pub(crate) context_switches: Option<u64>,
    /// Datagrams delivered to any process.
    pub(crate) udp_in_datagrams: Option<u64>,
    /// Datagrams that could not be delivered, whatever the reason.
    pub(crate) udp_in_errors: Option<u64>,
    /// Of those, datagrams for which a socket's receive buffer had no room.
    pub(crate) udp_receive_buffer_errors: Option<u64>,
}

impl System {
    /// The counts now.
    pub(crate) fn now() -> System {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        System::read(
            &read("/proc/stat"),
            &read("/proc/softirqs"),
            &read("/proc/net/snmp"),
            &read("/proc/net/snmp6"),
        )
    }

    fn read(stat: &str, softirqs: &str, snmp: &str, snmp6: &str) -> System {
        let udp = |name: &str| {
            let (four, six) = (text::below(snmp, "Udp:", name), text::number(snmp6, &format!("Udp6{name}")));
            four.or(six).map(|_| four.unwrap_or(0).saturating_add(six.unwrap_or(0)))
        };
        System {
            interrupts: text::number(stat, "intr"),
            softirqs: text::number(stat, "softirq"),
            softirqs_net_rx: text::row_sum(softirqs, "NET_RX:"),
            softirqs_net_tx: text::row_sum(softirqs, "NET_TX:"),
            context_switches: text::number(stat, "ctxt"),
            udp_in_datagrams: udp("InDatagrams"),
            udp_in_errors: udp("InErrors"),
            udp_receive_buffer_errors: udp("RcvbufErrors"),
        }
    }

    /// What was counted since `earlier`.
    pub(crate) fn since(&self, earlier: &System) -> System {
        let more =
            |now: Option<u64>, then: Option<u64>| now.zip(then).map(|(now, then)| now.saturating_sub(then));
        System {
            interrupts: more(self.interrupts, earlier.interrupts),
            softirqs: more(self.softirqs, earlier.softirqs),
            softirqs_net_rx: more(self.softirqs_net_rx, earlier.softirqs_net_rx),
            softirqs_net_tx: more(self.softirqs_net_tx, earlier.softirqs_net_tx),
            context_switches: more(self.context_switches, earlier.context_switches),
            udp_in_datagrams: more(self.udp_in_datagrams, earlier.udp_in_datagrams),
            udp_in_errors: more(self.udp_in_errors, earlier.udp_in_errors),
            udp_receive_buffer_errors: more(
                self.udp_receive_buffer_errors,
                earlier.udp_receive_buffer_errors,
            ),
        }
    }
}

/// Bytes of memory that processes could have without anything being swapped out.
pub(crate) fn available_memory() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    text::number(&text, "MemAvailable:").map(|kibibytes| kibibytes.saturating_mul(1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_files_come_together() {
        let system = System::read(
            "cpu  1 2 3\nintr 500 1 2\nctxt 600\nsoftirq 700 1\n",
            "      CPU0 CPU1\n NET_TX: 1 2\n NET_RX: 30 40\n",
            "Udp: InDatagrams InErrors RcvbufErrors\nUdp: 10 3 2\n",
            "Udp6InDatagrams 5\nUdp6InErrors 1\nUdp6RcvbufErrors 1\n",
        );
        assert_eq!(
            (system.interrupts, system.context_switches, system.softirqs),
            (Some(500), Some(600), Some(700))
        );
        assert_eq!((system.softirqs_net_rx, system.softirqs_net_tx), (Some(70), Some(3)));
        assert_eq!((system.udp_in_datagrams, system.udp_in_errors), (Some(15), Some(4)));
        assert_eq!(system.udp_receive_buffer_errors, Some(3));
    }

    #[test]
    fn what_is_not_told_is_not_zero() {
        let nothing = System::read("", "", "", "");
        assert_eq!(nothing, System::default());
        let four_alone = System::read("ctxt 9", "", "Udp: InErrors\nUdp: 7\n", "");
        assert_eq!(four_alone.udp_in_errors, Some(7));
        assert_eq!(System::read("", "", "", "Udp6InErrors 8\n").udp_in_errors, Some(8));
        assert_eq!(four_alone.since(&nothing), System::default());
        assert_eq!(four_alone.since(&four_alone).udp_in_errors, Some(0));
    }

    #[test]
    fn this_machine_counts_what_is_sent() {
        let before = System::now();
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let mut delivered = None;
        // The kernel folds its counts of each processor together as they are read, so the first may do.
        while delivered < Some(10) {
            socket.send_to(b"counted", socket.local_addr().unwrap()).unwrap();
            socket.recv(&mut [0; 16]).unwrap();
            delivered = System::now().since(&before).udp_in_datagrams;
        }
        assert!(System::now().since(&before).context_switches.is_some());
        assert!(available_memory() > Some(1 << 20));
    }
}
