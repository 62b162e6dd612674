//! The machine: what it is, and what all its processes and its kernel did since it was started.

use std::fs;

use crate::figures::system::System;

use super::text;

/// The kernel's name and release, as `uname -sr` prints them.
pub(crate) fn kernel() -> String {
    nix::sys::utsname::uname().map_or_else(
        |_| "unknown".into(),
        |name| format!("{} {}", name.sysname().to_string_lossy(), name.release().to_string_lossy()),
    )
}

/// What its processors call themselves.
pub(crate) fn cpu_model() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The most a socket's receive buffer may have, in bytes.
pub(crate) fn largest_receive_buffer() -> Option<u64> {
    setting("net/core/rmem_max")
}

/// The first number of a file under /proc/sys.
pub(crate) fn setting(path: &str) -> Option<u64> {
    fs::read_to_string(format!("/proc/sys/{path}")).ok()?.split_whitespace().next()?.parse().ok()
}

/// What all of it did so far.
pub(crate) fn system() -> System {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    read_all(&read("/proc/stat"), &read("/proc/softirqs"), &read("/proc/net/snmp"), &read("/proc/net/snmp6"))
}

fn read_all(stat: &str, softirqs: &str, snmp: &str, snmp6: &str) -> System {
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
        let system = read_all(
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
        let nothing = read_all("", "", "", "");
        assert_eq!(nothing, System::default());
        let four_alone = read_all("ctxt 9", "", "Udp: InErrors\nUdp: 7\n", "");
        assert_eq!(four_alone.udp_in_errors, Some(7));
        assert_eq!(read_all("", "", "", "Udp6InErrors 8\n").udp_in_errors, Some(8));
        assert_eq!(four_alone.since(&nothing), System::default());
        assert_eq!(four_alone.since(&four_alone).udp_in_errors, Some(0));
    }

    #[test]
    fn this_machine_counts_what_is_sent() {
        let before = system();
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let mut delivered = None;
        // The kernel folds its counts of each processor together as they are read, so the first may do.
        while delivered < Some(10) {
            socket.send_to(b"counted", socket.local_addr().unwrap()).unwrap();
            socket.recv(&mut [0; 16]).unwrap();
            delivered = system().since(&before).udp_in_datagrams;
        }
        assert!(system().since(&before).context_switches.is_some());
        assert!(available_memory() > Some(1 << 20));
    }
}
