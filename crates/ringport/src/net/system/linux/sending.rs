//! What a socket says of all that it sends.

use crate::backend::sys::descriptor::BorrowedFd;
use crate::backend::sys::option;
use crate::net::{Domain, DontFragment, Ecn, SocketError};

use super::told::each_family;

/// Sets the bits of congestion notification; the rest of the traffic class stays.
pub(in crate::net) fn mark(socket: BorrowedFd<'_>, domain: Domain, ecn: Ecn) -> Result<(), SocketError> {
    let set = |level, name| {
        let class: i32 = option::get(socket, level, name)?;
        let marked = class & !0b11 | i32::from(ecn.bits());
        option::set(socket, level, name, &marked)
    };
    let v4 = || set(libc::IPPROTO_IP, libc::IP_TOS);
    let v6 = || set(libc::IPPROTO_IPV6, libc::IPV6_TCLASS);
    each_family(socket, domain, v4, v6).map_err(SocketError::system("marking what a socket sends"))
}

/// Sets whether it leaves in fragments.
pub(in crate::net) fn dont_fragment(
    socket: BorrowedFd<'_>,
    domain: Domain,
    how: DontFragment,
) -> Result<(), SocketError> {
    let (v4, v6) = match how {
        DontFragment::Off => (libc::IP_PMTUDISC_WANT, libc::IPV6_PMTUDISC_WANT),
        DontFragment::KnownPath => (libc::IP_PMTUDISC_DO, libc::IPV6_PMTUDISC_DO),
        DontFragment::Probe => (libc::IP_PMTUDISC_PROBE, libc::IPV6_PMTUDISC_PROBE),
    };
    // On a socket of IPv6, too: a datagram to `::ffff:a.b.c.d` leaves over IPv4.
    let v4 = || option::set(socket, libc::IPPROTO_IP, libc::IP_MTU_DISCOVER, &v4);
    let v6 = || option::set(socket, libc::IPPROTO_IPV6, libc::IPV6_MTU_DISCOVER, &v6);
    each_family(socket, domain, v4, v6)
        .map_err(SocketError::system("setting whether datagrams leave in fragments"))
}
