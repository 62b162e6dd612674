//! The messages of Linux.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, SystemTime};

use super::Name;
use crate::net::control::layout::field;

/// `struct in_pktinfo`.
pub(in crate::net) const LOCAL_V4: Name = (libc::IPPROTO_IP, libc::IP_PKTINFO);
/// `struct in6_pktinfo`.
pub(in crate::net) const LOCAL_V6: Name = (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO);
/// The size of a segment of what was received, an `int`.
pub(in crate::net) const SEGMENTS: Name = (libc::SOL_UDP, libc::UDP_GRO);
/// The size of a segment to send.
pub(in crate::net) const SEGMENTS_TO_SEND: Name = (libc::SOL_UDP, libc::UDP_SEGMENT);
/// The traffic class.
pub(in crate::net) const CLASS_V4: Name = (libc::IPPROTO_IP, libc::IP_TOS);
pub(in crate::net) const CLASS_V6: Name = (libc::IPPROTO_IPV6, libc::IPV6_TCLASS);
/// When it was received.
pub(in crate::net) const TIME: Name = (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS);

/// `struct in_pktinfo`: interface, the address an answer would come from, the address in the header.
pub(in crate::net) fn local_v4(data: &[u8]) -> Option<(Ipv4Addr, u32)> {
    let interface = u32::from_ne_bytes(field(data, 0)?);
    Some((Ipv4Addr::from(field::<4>(data, 8)?), interface))
}

/// The same for a send: the third field is one that only receiving fills.
pub(in crate::net) fn source_v4(address: Ipv4Addr, interface: u32) -> [u8; 12] {
    let mut data = [0; 12];
    data[..4].copy_from_slice(&interface.to_ne_bytes());
    data[4..8].copy_from_slice(&address.octets());
    data[8..].copy_from_slice(&address.octets());
    data
}

/// A local address in the form of the socket that told it, given its peer's address: the kernel has done that.
#[inline]
pub(in crate::net) fn in_form_of(address: IpAddr, _peer: &[u8]) -> IpAddr {
    address
}

/// A source in the form that a send takes it: any.
#[inline]
pub(in crate::net) fn as_source(address: IpAddr) -> IpAddr {
    address
}

/// The size of a segment as it is written.
pub(in crate::net) fn segment(bytes: u16) -> [u8; 2] {
    bytes.to_ne_bytes()
}

/// The traffic class, where the message has it.
pub(in crate::net) fn class(name: Name, data: &[u8]) -> Option<u8> {
    match name {
        CLASS_V4 => data.first().copied(),
        CLASS_V6 => field(data, 0).map(|class| i32::from_ne_bytes(class) as u8),
        _ => None,
    }
}

/// `struct timespec`, whose two numbers are as wide as the system's `long`.
pub(in crate::net) fn time(data: &[u8]) -> Option<SystemTime> {
    const LONG: usize = size_of::<libc::c_long>();
    let seconds = libc::c_long::from_ne_bytes(field(data, 0)?);
    let nanoseconds = libc::c_long::from_ne_bytes(field(data, LONG)?);
    let since = Duration::from_secs(u64::try_from(seconds).ok()?)
        .checked_add(Duration::from_nanos(u64::try_from(nanoseconds).ok()?))?;
    SystemTime::UNIX_EPOCH.checked_add(since)
}

/// The bytes that the data of each kind has at least.
#[cfg(test)]
pub(in crate::net) const LENGTHS: [(Name, usize); 6] =
    [(LOCAL_V4, 12), (LOCAL_V6, 20), (SEGMENTS, 4), (CLASS_V4, 1), (CLASS_V6, 4), (TIME, 16)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_before_the_first_is_none() {
        let of = |seconds: i64| [seconds.to_ne_bytes(), 7i64.to_ne_bytes()].concat();
        assert_eq!(time(&of(-1)), None);
        assert_eq!(time(&of(3)), Some(SystemTime::UNIX_EPOCH + Duration::new(3, 7)));
    }
}
