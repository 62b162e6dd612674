//! How often the system asks a silent peer, read back from it.
//!
//! On Linux only: elsewhere it tells no more than whether it asks.

use std::time::Duration;

use ringport::net::KeepAlive;
use socket2::SockRef;

use crate::rig::connection;

#[test]
fn times_and_number_reach_the_system() {
    let (socket, _peer) = connection();
    let keep = KeepAlive { after: Duration::from_secs(60), every: Duration::from_secs(7), probes: 4 };
    socket.set_keep_alive(Some(keep)).unwrap();
    let plain = SockRef::from(&socket);
    assert_eq!(plain.tcp_keepalive_time().unwrap(), keep.after);
    assert_eq!(plain.tcp_keepalive_interval().unwrap(), keep.every);
    assert_eq!(plain.tcp_keepalive_retries().unwrap(), keep.probes);
}
