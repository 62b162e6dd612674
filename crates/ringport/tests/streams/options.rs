//! What a connection can be told, read back from the system.

use std::time::Duration;

use ringport::StreamListener;
use ringport::net::KeepAlive;
use socket2::SockRef;

use crate::common::system::lacked_by_wine;
use crate::rig::connection;

#[test]
fn options_reach_the_system() {
    let (socket, _peer) = connection();
    socket.set_no_delay(true).unwrap();
    socket.set_linger(Some(Duration::from_secs(3))).unwrap();
    if lacked_by_wine("times of keep-alive") {
        return;
    }
    let keep = KeepAlive { after: Duration::from_secs(60), every: Duration::from_secs(7), probes: 4 };
    socket.set_keep_alive(Some(keep)).unwrap();
    let plain = SockRef::from(&socket);
    assert!(plain.tcp_nodelay().unwrap() && plain.keepalive().unwrap());
    assert_eq!(plain.linger().unwrap(), Some(Duration::from_secs(3)));
    socket.set_keep_alive(None).unwrap();
    assert!(!plain.keepalive().unwrap());
}

#[test]
fn a_listener_takes_both_families_where_there_are_two() {
    let listener = StreamListener::bind("[::]:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
}
