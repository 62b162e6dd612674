//! How large a datagram may be on the loopback interface, whose packets have 65,536 bytes: nearly as many as a datagram
//! can have.

use std::net::SocketAddr;

use ringport::UdpSocket;
use ringport::net::{ControlBuffer, DontFragment, path_mtu};

use crate::families::has_v6;
use crate::loopback::{offered, receive, send};
use crate::system::{EMSGSIZE, ENOTCONN};

/// The most over IPv4, where the length of the whole packet is a number of 16 bits.
const MOST_V4: usize = 65_507;
/// The most over IPv6, where that is the length without the first header.
const MOST_V6: usize = 65_527;
/// The most that one packet of the interface holds over IPv6.
const IN_ONE_PIECE_V6: usize = 65_536 - 48;

/// A sender, and where it sends to: a socket of both families in each of them, too.
struct Case {
    name: &'static str,
    sender: UdpSocket,
    receiver: UdpSocket,
    to: SocketAddr,
    is_v4: bool,
}

fn cases() -> Vec<Case> {
    let cases = [
        ("IPv4", "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1"),
        ("IPv4 from a dual-stack socket", "[::]:0", "127.0.0.1:0", "::ffff:127.0.0.1"),
        ("IPv6", "[::1]:0", "[::1]:0", "::1"),
        ("IPv6 from a dual-stack socket", "[::]:0", "[::1]:0", "::1"),
    ];
    let open = |(name, sender, receiver, to): (&'static str, &str, &str, &str)| {
        if sender.starts_with('[') && !has_v6() {
            eprintln!("skipped {name}: this machine has no IPv6 on its loopback interface");
            return None;
        }
        let (sender, receiver) = (UdpSocket::bind(sender).unwrap(), UdpSocket::bind(receiver).unwrap());
        sender.set_send_buffer(1 << 18).unwrap();
        let address = receiver.local_addr().unwrap();
        let to = SocketAddr::new(to.parse().unwrap(), address.port());
        Some(Case { name, sender, receiver, to, is_v4: address.is_ipv4() })
    };
    cases.into_iter().filter_map(open).collect()
}

#[test]
fn what_fits_one_packet_arrives_and_what_does_not_is_refused() {
    for case in cases() {
        for how in [DontFragment::KnownPath, DontFragment::Probe, DontFragment::Off] {
            if !offered(case.sender.dont_fragment(how)) {
                continue;
            }
            let most = match (case.is_v4, how) {
                (true, _) => MOST_V4,
                (false, DontFragment::Off) => MOST_V6,
                (false, _) => IN_ONE_PIECE_V6,
            };
            let bytes = vec![7; most + 1];
            let refused = send(&case.sender, case.to, &bytes, &ControlBuffer::new()).unwrap_err();
            assert_eq!(refused.raw_os_error(), Some(EMSGSIZE), "{} {how:?}", case.name);
            send(&case.sender, case.to, &bytes[1..], &ControlBuffer::new()).unwrap();
            assert_eq!(receive(&case.receiver).bytes.len(), most.min(65_536), "{} {how:?}", case.name);
        }
    }
}

#[test]
fn a_connected_socket_and_a_peer_tell_what_fits_one_packet() {
    for case in cases() {
        let unconnected = case.sender.path_mtu().unwrap_err();
        assert_eq!(unconnected.raw_os_error(), Some(ENOTCONN), "{}", case.name);
        case.sender.connect(case.to).unwrap();
        let told = case.sender.path_mtu();
        if !offered(told.as_ref().map(drop)) {
            continue;
        }
        let told = told.unwrap();
        assert!(told.packet() >= 65_535, "{}: {told:?}", case.name);
        assert_eq!(told.datagram(), if case.is_v4 { MOST_V4 } else { IN_ONE_PIECE_V6 }, "{}", case.name);
        assert_eq!(path_mtu(case.to).unwrap(), told, "{}", case.name);
    }
}
