//! Ending an accept, and reads.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// How long a read waits before it looks whether it is to end.
const LOOK: Duration = Duration::from_millis(50);

/// Ends one accept that waits on this listener. Windows ends none by itself while the socket is open, so a connection
/// of our own does it; whoever accepts it looks whether it is to go on.
pub(crate) fn end_accepts(listener: &TcpListener) {
    let Ok(address) = listener.local_addr() else { return };
    let reachable = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    drop(TcpStream::connect(SocketAddr::new(reachable, address.port())));
}

/// Has the reads of a stream return now and then with nothing, for to shut its reading side down does not end one that
/// waits.
pub(crate) fn look_up_at_times(stream: &TcpStream) {
    // Refused, its thread ends with its peer.
    let _ = stream.set_read_timeout(Some(LOOK));
}
