//! What the tests share: datagrams with control data by plain calls.

#[cfg_attr(target_os = "linux", path = "../common/message/linux.rs")]
#[cfg_attr(windows, path = "../common/message/windows.rs")]
mod message;

use std::borrow::Borrow;
use std::net::SocketAddr;

use ringport::UdpSocket;
use ringport::net::{ControlBuffer, ControlMessages, SocketError};
use socket2::{MsgHdr, SockAddr, SockRef};

pub(crate) use crate::families::{has_v6, ways};
use crate::until::PATIENCE;

/// Sends `bytes` with control data.
pub(crate) fn send(
    from: &UdpSocket,
    to: SocketAddr,
    bytes: &[u8],
    control: &ControlBuffer,
) -> std::io::Result<usize> {
    let control = message::as_sent(control.as_bytes(), to);
    let (to, parts) = (SockAddr::from(to), [std::io::IoSlice::new(bytes)]);
    let message = MsgHdr::new().with_addr(&to).with_buffers(&parts).with_control(&control);
    SockRef::from(from).sendmsg(&message, 0)
}

/// A datagram with what came beside it.
pub(crate) struct Received {
    pub(crate) bytes: Vec<u8>,
    pub(crate) peer: SocketAddr,
    control: Vec<u8>,
}

impl Received {
    pub(crate) fn control(&self) -> ControlMessages<'_> {
        ControlMessages::new(&self.control)
    }

    pub(crate) fn control_length(&self) -> usize {
        self.control.len()
    }
}

/// Receives one datagram, or one run of them.
pub(crate) fn receive(at: &UdpSocket) -> Received {
    SockRef::from(at).set_read_timeout(Some(PATIENCE)).unwrap();
    let (bytes, peer, control) = message::receive(at);
    Received { bytes, peer, control }
}

/// Whether the system has what was asked for; says so where it does not. Linux has everything.
pub(crate) fn offered(asked: Result<(), impl Borrow<SocketError>>) -> bool {
    let Err(error) = asked else { return true };
    let error = error.borrow();
    assert!(cfg!(windows) && matches!(error, SocketError::NotOffered { .. }), "{error}");
    eprintln!("skipped: {error}");
    false
}
