//! Addresses that no other test has, for those that look whether a port is free again.
//!
//! A port that a test lets go may be given to any other test at once, in this process or another. All of 127.0.0.0/8
//! is the loopback interface, so a test takes an address of it for itself.

#![allow(dead_code, reason = "each suite uses a part of it")]

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU8, Ordering};

use super::system::is_wine;
use super::until::until;

thread_local! {
    static OWN: IpAddr = next();
}

/// An address of the loopback interface for this thread, to which no other binds, here or in another process.
pub(crate) fn lonely() -> IpAddr {
    OWN.with(|address| *address)
}

fn next() -> IpAddr {
    if is_wine() {
        // It binds to such an address, and answers from another. So there, others are waited for.
        return Ipv4Addr::LOCALHOST.into();
    }
    static TAKEN: AtomicU8 = AtomicU8::new(0);
    let [.., high, low] = std::process::id().to_be_bytes();
    // The first byte is what sets them apart from 127.0.0.1 and its neighbours, which others use.
    Ipv4Addr::new(127, 100 + high % 100, low, TAKEN.fetch_add(1, Ordering::Relaxed) % 250 + 1).into()
}

/// Any port of that address.
pub(crate) fn lonely_port() -> String {
    SocketAddr::new(lonely(), 0).to_string()
}

/// Waits until nobody has the UDP port of `address`, for tests in whose process children may start at any time.
pub(crate) fn becomes_free(address: SocketAddr) {
    until("a free port", || is_free(address).then_some(()));
}

/// Whether nobody has the UDP port of `address`, which is one from [`lonely`].
///
/// Whoever has the same port of *all* addresses for a moment is another test, and is waited for. To be asked while no
/// child of this process is between its fork and its program, where it has copies of what is closed here.
pub(crate) fn is_free(address: SocketAddr) -> bool {
    let free = || UdpSocket::bind(address).is_ok();
    let taken_everywhere = || UdpSocket::bind((next(), address.port())).is_err();
    until("nobody has the port of all addresses", || {
        if free() {
            return Some(true);
        }
        // Who had it everywhere may have let it go since the first look.
        (!taken_everywhere()).then(free)
    })
}
