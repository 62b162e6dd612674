//! When a silent peer is asked whether it is there.

use socket2::{SockRef, TcpKeepalive};

use crate::net::{KeepAlive, SocketError};

/// Sets it.
pub(in crate::net) fn set(socket: SockRef<'_>, keep_alive: KeepAlive) -> Result<(), SocketError> {
    let KeepAlive { after, every, probes } = keep_alive;
    let all = TcpKeepalive::new().with_time(after).with_interval(every).with_retries(probes);
    socket.set_tcp_keepalive(&all).map_err(SocketError::system("setting keep-alive"))
}
