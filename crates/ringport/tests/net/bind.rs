//! Binding and connecting: what is granted, and what an error tells.

use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::process::Command;

use ringport::UdpSocket;
use ringport::net::{Domain, SocketError};

use crate::loopback::{has_v6, receive, ways};
use crate::until::until;

#[test]
fn an_address_in_use_is_named() {
    for way in ways() {
        let address = way.server.local_addr().unwrap();
        let error = UdpSocket::bind(address).unwrap_err();
        assert!(
            matches!(error, SocketError::AddressInUse { address: named } if named == address),
            "{}",
            way.name
        );
        assert!(error.to_string().contains(&address.to_string()), "{error}");
        assert_eq!(std::io::Error::from(error).kind(), std::io::ErrorKind::AddrInUse);
    }
}

#[test]
fn an_address_of_another_machine_is_named() {
    // Documentation addresses are nobody's.
    let error = UdpSocket::bind("192.0.2.1:0").unwrap_err();
    assert!(matches!(error, SocketError::AddressNotAvailable { .. }), "{error}");
    assert!(error.to_string().contains("192.0.2.1"), "{error}");
}

#[test]
fn of_several_addresses_the_first_that_works_is_taken() {
    let nobodys: SocketAddr = "192.0.2.1:0".parse().unwrap();
    let ours: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let socket = UdpSocket::bind(&[nobodys, ours][..]).unwrap();
    assert_eq!(socket.local_addr().unwrap().ip(), ours.ip());
    // And of several errors the first is told.
    let taken = socket.local_addr().unwrap();
    let error = UdpSocket::bind(&[taken, nobodys][..]).unwrap_err();
    assert!(matches!(error, SocketError::AddressInUse { .. }), "{error}");
}

#[test]
fn an_unknown_host_is_named_when_binding_and_when_connecting() {
    let socket = UdpSocket::unbound(Domain::V4).unwrap();
    let errors = [
        UdpSocket::bind("no-such-host.invalid:9000").unwrap_err(),
        socket.connect(("no-such-host.invalid", 9000)).unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, SocketError::UnknownHost { .. }), "{error}");
        assert!(error.to_string().contains("no-such-host.invalid"), "{error}");
    }
}

/// Set for a copy of this program that runs without privileges.
const UNPRIVILEGED: &str = "RINGPORT_TEST_UNPRIVILEGED";

#[test]
fn a_privileged_port_names_the_limit_and_the_capability() {
    let start = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").unwrap_or_default();
    let start: u16 = start.trim().parse().unwrap_or(1024);
    if start < 2 {
        return eprintln!("skipped: every port is free for all on this machine");
    }
    match UdpSocket::bind(("127.0.0.1", start - 1)) {
        Err(SocketError::AddressInUse { .. }) => eprintln!("skipped: the port is in use"),
        Err(error) => {
            assert!(
                matches!(error, SocketError::PrivilegedPort { first_free, .. } if first_free == start),
                "{error}"
            );
            let text = error.to_string();
            assert!(
                text.contains("CAP_NET_BIND_SERVICE") && text.contains("ip_unprivileged_port_start"),
                "{text}"
            );
        }
        Ok(_) => {
            assert!(std::env::var_os(UNPRIVILEGED).is_none(), "an ordinary user may bind a privileged port");
            again_without_privileges("bind::a_privileged_port_names_the_limit_and_the_capability");
        }
    }
}

/// Runs one test of this program as an ordinary user, through a descriptor: that user need not be able to
/// read the directory it lies in.
fn again_without_privileges(test: &str) {
    let program = std::env::current_exe().unwrap();
    let run = Command::new("/proc/self/exe")
        .args([test, "--exact", "--nocapture"])
        .env(UNPRIVILEGED, "1")
        .uid(65_534)
        .gid(65_534)
        .output();
    let run = match run {
        Ok(run) => run,
        Err(error) => {
            return eprintln!("skipped: {} cannot be run as an ordinary user: {error}", program.display());
        }
    };
    let output = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && output.contains("1 passed"), "{output}");
}

#[test]
fn a_port_is_opened_to_its_group_after_it_was_bound_alone() {
    for way in ways() {
        let address = way.server.local_addr().unwrap();
        let joining = UdpSocket::builder().reuse_port(true);
        assert!(matches!(joining.bind(address), Err(SocketError::AddressInUse { .. })), "{}", way.name);
        way.server.reuse_port(true).unwrap();
        let shards = [way.server, joining.bind(address).unwrap(), joining.bind(address).unwrap()];
        let plain = shards.each_ref().map(|shard| shard.to_std().unwrap());
        for shard in &plain {
            shard.set_nonblocking(true).unwrap();
        }
        // Peers are spread by a hash of their addresses: in time each shard gets one.
        let mut reached = [false; 3];
        while reached != [true; 3] {
            let peer = UdpSocket::bind(SocketAddr::new(way.client.local_addr().unwrap().ip(), 0)).unwrap();
            peer.to_std().unwrap().send_to(b"hello", way.target).unwrap();
            let shard =
                until("a shard receives", || plain.iter().position(|shard| shard.recv(&mut [0; 8]).is_ok()));
            reached[shard] = true;
        }
    }
}

#[test]
fn a_dual_stack_socket_takes_both_families_and_the_other_kind_one() {
    if !has_v6() {
        return eprintln!("skipped: this machine has no IPv6 on its loopback interface");
    }
    let both = UdpSocket::bind("[::]:0").unwrap();
    let port = both.local_addr().unwrap().port();
    assert!(matches!(UdpSocket::bind(("0.0.0.0", port)), Err(SocketError::AddressInUse { .. })));
    for target in ["127.0.0.1", "::1"] {
        let client = UdpSocket::unbound(Domain::of(&SocketAddr::new(target.parse().unwrap(), 0))).unwrap();
        client.connect((target, port)).unwrap();
        client.to_std().unwrap().send(b"hello").unwrap();
        let received = receive(&both);
        assert_eq!(received.bytes, b"hello");
        assert_eq!(received.peer.ip().to_canonical(), client.local_addr().unwrap().ip());
        assert!(
            received.peer.is_ipv6(),
            "an address of IPv4 is delivered in the form of the socket's family"
        );
        // The form that was delivered is one that can be sent to.
        both.to_std().unwrap().send_to(b"back", received.peer).unwrap();
        assert_eq!(receive(&client).bytes, b"back");
    }
    let six = UdpSocket::builder().only_v6(true).bind("[::]:0").unwrap();
    UdpSocket::bind(("0.0.0.0", six.local_addr().unwrap().port())).unwrap();
}

#[test]
fn a_socket_connects_and_connects_again() {
    for way in ways() {
        let other = UdpSocket::bind(SocketAddr::new(way.target.ip(), 0)).unwrap();
        for target in [way.target, other.local_addr().unwrap()] {
            way.client.connect(target).unwrap();
            assert_eq!(way.client.peer_addr().unwrap(), target, "{}", way.name);
        }
    }
}

#[test]
fn a_socket_of_one_family_cannot_connect_to_the_other() {
    let socket = UdpSocket::unbound(Domain::V4).unwrap();
    let error = socket.connect("[::1]:9").unwrap_err();
    assert!(matches!(error, SocketError::WrongFamily { .. }), "{error}");
}

#[test]
fn clones_are_one_socket_and_the_last_closes_it() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let clone = socket.clone();
    drop(socket);
    assert!(matches!(UdpSocket::bind(address), Err(SocketError::AddressInUse { .. })));
    drop(clone);
    UdpSocket::bind(address).unwrap();
}
