//! Groups, joined before and during a run, on the loopback interface.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};

use ringport::UdpSocket;
use ringport::server::ServerError;

use crate::ways::{client, next, ways};

const EARLY: IpAddr = IpAddr::V4(Ipv4Addr::new(239, 255, 71, 1));
const LATER: IpAddr = IpAddr::V4(Ipv4Addr::new(239, 255, 71, 2));

#[test]
fn groups_are_served_once_each_and_answered_from_an_address_of_the_machine() {
    for way in ways() {
        let (tell, told) = mpsc::channel();
        let seen = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&seen);
        let server = way.bind("0.0.0.0:0").join_multicast(EARLY, Ipv4Addr::LOCALHOST);
        let server = match server.start(move |datagram| {
            count.fetch_add(1, Ordering::SeqCst);
            tell.send((datagram.payload().to_vec(), datagram.local().ip())).unwrap();
            datagram.reply();
        }) {
            Ok(server) => server,
            Err(ServerError::Socket(error)) => {
                eprintln!("skipped: no multicast on the loopback interface here: {error}");
                return;
            }
            Err(error) => panic!("{way}: {error}"),
        };
        let port = server.local_addr().port();
        let client = client();
        let settings = UdpSocket::from(client.try_clone().unwrap());
        settings.multicast_interface(Ipv4Addr::LOCALHOST).unwrap();

        let ask = |group: IpAddr, payload: &[u8]| {
            client.send_to(payload, SocketAddr::new(group, port)).unwrap();
            assert_eq!(told.recv().unwrap(), (payload.to_vec(), group), "{way}");
            let (answer, from) = next(&client);
            assert_eq!((&answer[..], from.port()), (payload, port), "{way}");
            assert!(!from.ip().is_multicast(), "{way}: {from}");
        };
        ask(EARLY, b"early");
        let handle = server.handle();
        handle.join_multicast(LATER, Ipv4Addr::LOCALHOST).unwrap();
        ask(LATER, b"later");
        assert!(handle.join_multicast(LATER, Ipv4Addr::LOCALHOST).is_err(), "{way}: joined twice");
        handle.leave_multicast(LATER, Ipv4Addr::LOCALHOST).unwrap();
        assert!(handle.leave_multicast(LATER, Ipv4Addr::LOCALHOST).is_err(), "{way}: left twice");
        assert!(matches!(
            handle.join_multicast(Ipv4Addr::LOCALHOST, Ipv4Addr::LOCALHOST),
            Err(ServerError::Socket(_))
        ));
        ask(EARLY, b"still there");
        // Each datagram came once, however many sockets share the port.
        server.stop().unwrap();
        assert_eq!(seen.load(Ordering::SeqCst), 3, "{way}");
    }
}
