//! The machine as a whole at one moment: what all its processes and its kernel did since it was started.
//!
//! Interrupts, softirqs and switches are those of the whole machine, the generator's among them; the UDP figures are
//! those of the network namespace, over IPv4 and IPv6, or of the machine where there is no such thing. What a system does
//! not tell is left out, not taken for zero.

use serde::Serialize;

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
