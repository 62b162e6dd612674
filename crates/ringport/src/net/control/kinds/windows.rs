//! The messages of Windows.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, SystemTime};

use windows_sys::Win32::Networking::WinSock::{
    IP_ECN, IP_PKTINFO, IP_TOS, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_UDP, IPV6_ECN, IPV6_PKTINFO, IPV6_TCLASS,
    SO_TIMESTAMP, SOL_SOCKET, UDP_COALESCED_INFO, UDP_SEND_MSG_SIZE,
};

use super::Name;
use crate::backend::sys::{address, counter};
use crate::net::control::layout::field;

/// `IN_PKTINFO`.
pub(in crate::net) const LOCAL_V4: Name = (IPPROTO_IP, IP_PKTINFO);
/// `IN6_PKTINFO`.
pub(in crate::net) const LOCAL_V6: Name = (IPPROTO_IPV6, IPV6_PKTINFO);
/// The size of a segment of what was received, a `DWORD`.
pub(in crate::net) const SEGMENTS: Name = (IPPROTO_UDP, UDP_COALESCED_INFO as i32);
/// The size of a segment to send.
pub(in crate::net) const SEGMENTS_TO_SEND: Name = (IPPROTO_UDP, UDP_SEND_MSG_SIZE);
/// The bits of congestion notification alone.
pub(in crate::net) const CLASS_V4: Name = (IPPROTO_IP, IP_ECN);
pub(in crate::net) const CLASS_V6: Name = (IPPROTO_IPV6, IPV6_ECN);
/// The whole traffic class, from releases before Windows 11 and Server 2022.
const WHOLE_CLASS_V4: Name = (IPPROTO_IP, IP_TOS);
const WHOLE_CLASS_V6: Name = (IPPROTO_IPV6, IPV6_TCLASS);
/// When it was received.
pub(in crate::net) const TIME: Name = (SOL_SOCKET, SO_TIMESTAMP as i32);

/// `IN_PKTINFO`: the address in the header, interface.
pub(in crate::net) fn local_v4(data: &[u8]) -> Option<(Ipv4Addr, u32)> {
    let address = Ipv4Addr::from(field::<4>(data, 0)?);
    Some((address, u32::from_ne_bytes(field(data, 4)?)))
}

/// The same for a send.
pub(in crate::net) fn source_v4(address: Ipv4Addr, interface: u32) -> [u8; 8] {
    let mut data = [0; 8];
    data[..4].copy_from_slice(&address.octets());
    data[4..].copy_from_slice(&interface.to_ne_bytes());
    data
}

/// A local address in the form of the socket that told it, given its peer's address. Windows tells one of IPv4 as it is
/// also on a socket of both families, where the peer's has the form `::ffff:a.b.c.d`.
pub(in crate::net) fn in_form_of(address: IpAddr, peer: &[u8]) -> IpAddr {
    match (address, address::decode(peer)) {
        (IpAddr::V4(v4), Some(peer)) if peer.is_ipv6() => v4.to_ipv6_mapped().into(),
        _ => address,
    }
}

/// A source in the form that a send takes it: one of IPv4 as it is, also on a socket of both families.
pub(in crate::net) fn as_source(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// What of the messages of a send concerns only the family over which it does not leave. A send with such a message may
/// be refused.
pub(in crate::net) fn is_foreign((level, _): Name, leaves_over_v4: bool) -> bool {
    level == if leaves_over_v4 { IPPROTO_IPV6 } else { IPPROTO_IP }
}

/// The size of a segment as it is written.
pub(in crate::net) fn segment(bytes: u16) -> [u8; 4] {
    u32::from(bytes).to_ne_bytes()
}

/// The traffic class, or its lowest bits, where the message has it.
pub(in crate::net) fn class(name: Name, data: &[u8]) -> Option<u8> {
    match name {
        CLASS_V4 | CLASS_V6 | WHOLE_CLASS_V4 | WHOLE_CLASS_V6 => {
            field(data, 0).map(|class| i32::from_ne_bytes(class) as u8)
        }
        _ => None,
    }
}

/// A value of the performance counter, which has no date: so it is told by how long ago that was.
pub(in crate::net) fn time(data: &[u8]) -> Option<SystemTime> {
    let then = u64::from_ne_bytes(field(data, 0)?);
    let ago = counter::since(then)?;
    SystemTime::now().checked_sub(ago.min(Duration::from_secs(u64::from(u32::MAX))))
}

/// The bytes that the data of each kind has at least.
#[cfg(test)]
pub(in crate::net) const LENGTHS: [(Name, usize); 8] = [
    (LOCAL_V4, 8),
    (LOCAL_V6, 20),
    (SEGMENTS, 4),
    (CLASS_V4, 4),
    (CLASS_V6, 4),
    (WHOLE_CLASS_V4, 4),
    (WHOLE_CLASS_V6, 4),
    (TIME, 8),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::sys::family::as_v6;

    #[test]
    fn a_time_is_told_by_how_long_ago_it_was() {
        let before = SystemTime::now();
        let value = counter::now().unwrap().to_ne_bytes();
        let told = time(&value).unwrap();
        // Both clocks are read one after the other, and they need not go alike.
        let apart = told.duration_since(before).unwrap_or_else(|error| error.duration());
        assert!(apart < Duration::from_secs(60), "{apart:?}");
        assert!(time(&1u64.to_ne_bytes()).unwrap() < told);
    }

    #[test]
    fn a_local_address_has_the_form_of_the_peers() {
        let local = IpAddr::from([127, 0, 0, 2]);
        let in_form = |peer: std::net::SocketAddr| {
            let mut name = [0; address::LONGEST];
            let length = address::encode(&peer, &mut name);
            in_form_of(local, &name[..length])
        };
        let peer = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
        assert_eq!(in_form(peer), local);
        assert_eq!(in_form(as_v6(peer)), "::ffff:127.0.0.2".parse::<IpAddr>().unwrap());
        assert_eq!(as_source(in_form(as_v6(peer))), local);
        assert_eq!(in_form_of(local, &[]), local);
    }
}
