//! When a silent peer is asked whether it is there.

use socket2::{SockRef, TcpKeepalive};

use super::offered::missing;
use crate::net::{KeepAlive, SocketError};

/// What a system does that cannot be told.
const ALWAYS: u32 = 10;

/// Sets it: the times by one call, which every release has, and how often by another.
pub(in crate::net) fn set(socket: SockRef<'_>, keep_alive: KeepAlive) -> Result<(), SocketError> {
    let KeepAlive { after, every, probes } = keep_alive;
    let times = TcpKeepalive::new().with_time(after).with_interval(every);
    socket.set_tcp_keepalive(&times).map_err(SocketError::system("setting keep-alive"))?;
    if probes == ALWAYS {
        return Ok(());
    }
    socket.set_tcp_keepalive(&times.with_retries(probes)).map_err(missing(
        "another number of keep-alive probes than 10 (TCP_KEEPCNT)",
        "say 10, and choose the time between them accordingly",
        "setting keep-alive",
    ))
}
