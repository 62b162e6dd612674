//! Where a message goes, in the form in which Windows takes it.
//!
//! ```text
//!   socket of IPv4    127.0.0.1:9        as it is              messages of IPv4
//!   socket of IPv6    127.0.0.1:9        ::ffff:127.0.0.1:9    messages of IPv4
//!                     [::1]:9            as it is              messages of IPv6
//! ```
//! Linux takes all of this as it is given, and so do the queues.

use std::net::SocketAddr;

use crate::backend::sys::descriptor::AsFd;
use crate::backend::sys::family::as_v6;
use crate::backend::sys::kind;
use crate::net::{ControlBuffer, SocketHandle};

/// Whether a socket has addresses of IPv6; one that cannot tell refuses whatever is sent.
pub(super) fn is_v6(socket: &SocketHandle) -> bool {
    kind::is_v4(socket.as_fd()).is_ok_and(|is_v4| !is_v4)
}

/// The peer of a message in the form of the socket.
#[inline]
pub(super) fn in_form(peer: SocketAddr, is_v6: bool) -> SocketAddr {
    if is_v6 { as_v6(peer) } else { peer }
}

/// The control messages for the way to this peer, or to the one that the socket is connected to.
pub(super) fn for_way(
    control: &ControlBuffer,
    peer: Option<SocketAddr>,
    is_v6: bool,
    socket: &SocketHandle,
) -> ControlBuffer {
    let over_v4 = |peer: SocketAddr| peer.ip().to_canonical().is_ipv4();
    let over_v4 = match (peer, socket) {
        (Some(peer), _) => over_v4(peer),
        (None, SocketHandle::Datagram(socket)) if is_v6 => socket.peer_addr().is_ok_and(over_v4),
        (None, _) => !is_v6,
    };
    ControlBuffer::narrowed(control.as_bytes(), over_v4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::UdpSocket;
    use crate::net::{Domain, Ecn};

    #[test]
    fn a_message_has_the_form_of_its_socket_and_the_family_of_its_way() {
        let (v4, v6) = (UdpSocket::unbound(Domain::V4).unwrap(), UdpSocket::unbound(Domain::V6).unwrap());
        let (v4, v6) = (SocketHandle::Datagram(v4), SocketHandle::Datagram(v6));
        assert!(!is_v6(&v4) && is_v6(&v6));
        let (short, long): (SocketAddr, SocketAddr) =
            ("127.0.0.1:9".parse().unwrap(), "[::1]:9".parse().unwrap());
        let mapped: SocketAddr = "[::ffff:127.0.0.1]:9".parse().unwrap();
        assert_eq!([in_form(short, false), in_form(short, true), in_form(long, true)], [short, mapped, long]);

        let mut control = ControlBuffer::new();
        control.ecn(Ecn::Capable0).unwrap();
        let of = |over_v4| ControlBuffer::narrowed(control.as_bytes(), over_v4);
        for (peer, socket, over_v4) in [
            (Some(short), &v4, true),
            (None, &v4, true),
            (Some(mapped), &v6, true),
            (Some(short), &v6, true),
            (Some(long), &v6, false),
        ] {
            let kept = for_way(&control, peer, is_v6(socket), socket);
            assert_eq!(kept.as_bytes(), of(over_v4).as_bytes(), "{peer:?} {socket:?}");
        }
    }

    #[test]
    fn a_connected_socket_of_both_families_has_the_way_of_its_peer() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        let client = UdpSocket::unbound(Domain::V6).unwrap();
        client.connect(server.local_addr().unwrap()).unwrap();
        let mut control = ControlBuffer::new();
        control.ecn(Ecn::Capable0).unwrap();
        let kept = for_way(&control, None, true, &SocketHandle::Datagram(client));
        assert_eq!(kept.as_bytes(), ControlBuffer::narrowed(control.as_bytes(), true).as_bytes());
    }
}
