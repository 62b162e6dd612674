//! The ways that a datagram may take within this machine, in families that may be absent.

use std::net::SocketAddr;

use ringport::UdpSocket;

/// A way for a datagram from one socket to another.
pub(crate) struct Way {
    pub(crate) name: &'static str,
    pub(crate) server: UdpSocket,
    pub(crate) client: UdpSocket,
    /// Where the client reaches the server.
    pub(crate) target: SocketAddr,
    /// The same as the server sees its own address.
    pub(crate) local: std::net::IpAddr,
}

/// IPv4, IPv6, and IPv4 at a dual-stack server; those that this machine has.
pub(crate) fn ways() -> Vec<Way> {
    let ways = [
        ("IPv4", "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1", "127.0.0.1"),
        ("IPv4 at all addresses", "0.0.0.0:0", "127.0.0.1:0", "127.0.0.2", "127.0.0.2"),
        ("IPv6", "[::1]:0", "[::1]:0", "::1", "::1"),
        ("IPv4 at a dual-stack server", "[::]:0", "127.0.0.1:0", "127.0.0.2", "::ffff:127.0.0.2"),
        ("IPv6 at a dual-stack server", "[::]:0", "[::1]:0", "::1", "::1"),
    ];
    let open = |(name, server, client, target, local): (_, &str, &str, &str, &str)| {
        if (server.starts_with('[') || client.starts_with('[')) && !has_v6() {
            eprintln!("skipped {name}: this machine has no IPv6 on its loopback interface");
            return None;
        }
        let server = UdpSocket::bind(server).unwrap();
        let target = SocketAddr::new(target.parse().unwrap(), server.local_addr().unwrap().port());
        let client = UdpSocket::bind(client).unwrap();
        Some(Way { name, server, client, target, local: local.parse().unwrap() })
    };
    ways.into_iter().filter_map(open).collect()
}

/// Whether this machine has IPv6 on its loopback interface.
pub(crate) fn has_v6() -> bool {
    std::net::UdpSocket::bind("[::1]:0").is_ok()
}
