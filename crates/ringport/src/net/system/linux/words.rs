//! What the texts of errors say only here.

/// Why an address may be forbidden.
pub(in crate::net) const FORBIDDEN: &str =
    "a broadcast address, a firewall rule or a security module stands against it";

/// Which streams queues serve.
pub(in crate::net) const STREAMS: &str = "a stream of TCP over IPv4 or IPv6, or of a Unix socket";

/// What to do about an address in use, when several sockets are to have it.
pub(in crate::net) const SHARING: &str = "sockets that share a port must all be bound with reuse_port";

/// The first port that needs no privilege: the setting of this machine, or the number of kernels that have no such
/// setting.
pub(in crate::net) fn first_unprivileged_port() -> u16 {
    let setting = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    setting.ok().and_then(|text| text.trim().parse().ok()).unwrap_or(1024)
}
