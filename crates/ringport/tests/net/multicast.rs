//! Groups, joined on the loopback interface.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ringport::UdpSocket;
use ringport::net::{ControlMessage, Interface, SocketError};

use crate::loopback::{has_v6, receive};
use crate::system::lacked_by_wine;

const GROUP: IpAddr = IpAddr::V4(Ipv4Addr::new(239, 9, 8, 7));
const LOOPBACK: u32 = 1;
const BY_INDEX: &str = "interfaces of IPv4 groups by their index";

/// Sends to the group until the socket, or nobody, has it: `true` when it came.
fn reaches(sender: &UdpSocket, group: IpAddr, member: &UdpSocket) -> bool {
    let target = SocketAddr::new(group, member.local_addr().unwrap().port());
    let plain = sender.to_std().unwrap();
    plain.send_to(b"to the group", target).unwrap();
    // A datagram to the member alone marks the end: on loopback nothing overtakes.
    let local = if sender.local_addr().unwrap().is_ipv4() { "127.0.0.1" } else { "::1" };
    plain.send_to(b"end", (local, target.port())).unwrap();
    let came = receive(member).bytes == b"to the group";
    if came {
        assert_eq!(receive(member).bytes, b"end");
    }
    came
}

fn sender(address: &str, interface: Interface) -> UdpSocket {
    let sender = UdpSocket::bind(address).unwrap();
    sender.multicast_interface(interface).unwrap();
    sender
}

#[test]
fn a_group_is_heard_from_join_to_leave() {
    let mut interfaces = vec![Interface::Address(Ipv4Addr::LOCALHOST)];
    if !lacked_by_wine(BY_INDEX) {
        interfaces.push(Interface::Index(LOOPBACK));
    }
    let mut members = vec![UdpSocket::bind("0.0.0.0:0").unwrap()];
    if has_v6() {
        // A dual-stack socket joins groups of IPv4 too.
        members.push(UdpSocket::bind("[::]:0").unwrap());
    } else {
        eprintln!("skipped the dual-stack member: this machine has no IPv6 on its loopback interface");
    }
    for interface in interfaces {
        // Bound to no address, which would choose the interface as well.
        let sender = sender("0.0.0.0:0", interface);
        for member in &members {
            member.join_multicast(GROUP, interface).unwrap();
            assert!(reaches(&sender, GROUP, member), "{interface:?}");
            assert!(member.join_multicast(GROUP, interface).is_err(), "joined twice");
            member.leave_multicast(GROUP, interface).unwrap();
            // The last member has left, or Linux would deliver to every socket on the port.
            assert!(!reaches(&sender, GROUP, member), "{interface:?}");
        }
    }
}

/// The indices of the interfaces with IPv6.
fn interfaces_of_v6() -> Vec<u32> {
    let list = std::fs::read_to_string("/proc/net/if_inet6").unwrap_or_default();
    let index = |line: &str| u32::from_str_radix(line.split_whitespace().nth(1)?, 16).ok();
    list.lines().filter_map(index).collect()
}

#[test]
fn a_group_of_v6_is_joined_by_the_index_of_an_interface() {
    if lacked_by_wine(BY_INDEX) {
        return;
    }
    // Of the scope that never leaves its interface, whichever that is.
    let group: IpAddr = "ff01::9:8:7".parse().unwrap();
    let mut routed = false;
    for index in interfaces_of_v6() {
        let member = UdpSocket::bind("[::]:0").unwrap();
        let error = member.join_multicast(group, Ipv4Addr::LOCALHOST).unwrap_err();
        assert!(matches!(error, SocketError::InterfaceNeedsIndex { given: Ipv4Addr::LOCALHOST }));
        member.join_multicast(group, index).unwrap();
        let sender = sender("[::]:0", Interface::Index(index));
        let target = SocketAddr::new(group, member.local_addr().unwrap().port());
        if sender.to_std().unwrap().send_to(b"is there a route", target).is_err() {
            continue;
        }
        routed = true;
        assert_eq!(receive(&member).bytes, b"is there a route");
        assert!(reaches(&sender, group, &member));
        member.leave_multicast(group, index).unwrap();
        assert!(!reaches(&sender, group, &member));
    }
    if !routed {
        eprintln!("skipped the delivery: this machine has no interface with a route for groups of IPv6");
    }
}

#[test]
fn the_local_address_of_a_datagram_to_a_group_is_the_group() {
    let member = UdpSocket::bind("0.0.0.0:0").unwrap();
    member.packet_info(true).unwrap();
    let group: IpAddr = [239, 9, 8, 6].into();
    let interface = Interface::Address(Ipv4Addr::LOCALHOST);
    member.join_multicast(group, interface).unwrap();
    let sender = sender("0.0.0.0:0", interface);
    let target = SocketAddr::new(group, member.local_addr().unwrap().port());
    sender.to_std().unwrap().send_to(b"to the group", target).unwrap();
    let received = receive(&member);
    let told: Vec<_> = received.control().collect();
    assert_eq!(told, [ControlMessage::LocalAddress { address: group, interface: LOOPBACK }]);
}

#[test]
fn the_loop_and_the_number_of_routers_are_set() {
    let member = UdpSocket::bind("0.0.0.0:0").unwrap();
    let group = [239, 9, 8, 6];
    member.join_multicast(group, Ipv4Addr::LOCALHOST).unwrap();
    let socket = socket2::SockRef::from(&member);
    assert!(socket.multicast_loop_v4().unwrap());
    member.multicast_loop(false).unwrap();
    assert!(!socket.multicast_loop_v4().unwrap());
    member.multicast_ttl(7).unwrap();
    assert_eq!(socket.multicast_ttl_v4().unwrap(), 7);
    assert!(member.multicast_ttl(256).is_err());
}

#[test]
fn an_address_that_is_no_group_is_refused_by_name() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for address in ["127.0.0.1", "::1"] {
        let group: IpAddr = address.parse().unwrap();
        for error in
            [socket.join_multicast(group, Interface::Any), socket.leave_multicast(group, Interface::Any)]
        {
            let error = error.unwrap_err();
            assert!(matches!(error, SocketError::NotAGroup { group: named } if named == group), "{error}");
        }
    }
}
