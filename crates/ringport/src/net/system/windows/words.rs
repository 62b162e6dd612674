//! What the texts of errors say only here.

/// Why an address may be forbidden.
pub(in crate::net) const FORBIDDEN: &str = "a broadcast address, a range of ports that the system keeps for itself (netsh int ipv4 show excludedportrange), \
     or a program that has the port for itself stands against it";

/// Which streams queues serve.
pub(in crate::net) const STREAMS: &str = "a stream of TCP over IPv4 or IPv6";

/// What to do about an address in use, when several sockets are to have it.
pub(in crate::net) const SHARING: &str = "on Windows only one socket has a port";

/// The first port that needs no privilege: the very first.
pub(in crate::net) fn first_unprivileged_port() -> u16 {
    0
}
