//! One end of the control connection: JSON objects, a line each.

use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use socket2::{SockRef, TcpKeepalive};

use crate::failure::Failure;
use crate::lines;

/// After so long a silence the other machine is asked whether it is there, and then again.
const KEEPALIVE: Duration = Duration::from_secs(5);

/// What a wait for the other side brought.
pub(super) enum Heard<T> {
    One(T),
    /// Nothing within the time.
    Nothing,
    /// It hung up, or its machine is gone.
    End,
}

/// A connection to the other side. Dropping it hangs up.
pub(super) struct Link {
    stream: TcpStream,
    lines: Receiver<String>,
    pub(super) peer: SocketAddr,
}

impl Link {
    pub(super) fn new(stream: TcpStream) -> Result<Link, Failure> {
        let failed = |error: std::io::Error| Failure::failed(format!("the control connection: {error}"));
        stream.set_nodelay(true).map_err(failed)?;
        stream.set_nonblocking(false).map_err(failed)?;
        let (socket, keepalive) =
            (SockRef::from(&stream), TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE));
        // Not every system lets one say how often is asked in vain (TCP_KEEPCNT: Windows 10, version 1703): then it
        // decides itself.
        socket
            .set_tcp_keepalive(&keepalive.clone().with_retries(3))
            .or_else(|_| socket.set_tcp_keepalive(&keepalive))
            .map_err(failed)?;
        let peer = stream.peer_addr().map_err(failed)?;
        let lines = lines::of(Some(stream.try_clone().map_err(failed)?));
        Ok(Link { stream, lines, peer })
    }

    /// Tells the other side.
    pub(super) fn tell(&mut self, what: &impl Serialize) -> Result<(), Failure> {
        let gone =
            |error: &dyn std::fmt::Display| Failure::failed(format!("{} has gone: {error}", self.peer));
        let mut line = serde_json::to_string(what).map_err(|error| gone(&error))?;
        line.push('\n');
        self.stream.write_all(line.as_bytes()).map_err(|error| gone(&error))
    }

    /// Waits for the other side's next line.
    pub(super) fn hear<T: DeserializeOwned>(&mut self, wait: Duration) -> Result<Heard<T>, Failure> {
        match self.lines.recv_timeout(wait) {
            Ok(line) => serde_json::from_str(&line).map(Heard::One).map_err(|error| {
                Failure::failed(format!("{} said something unexpected ({error})", self.peer))
            }),
            Err(RecvTimeoutError::Timeout) => Ok(Heard::Nothing),
            Err(RecvTimeoutError::Disconnected) => Ok(Heard::End),
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // Ends the reading thread, which has the same connection.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}
