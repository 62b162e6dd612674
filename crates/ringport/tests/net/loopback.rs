//! What the tests share: datagrams with control data by plain calls.

use std::mem::MaybeUninit;
use std::net::SocketAddr;

use ringport::UdpSocket;
use ringport::net::{ControlBuffer, ControlMessages};
use socket2::{MaybeUninitSlice, MsgHdr, MsgHdrMut, SockAddr, SockRef};

pub(crate) use crate::families::{has_v6, ways};
use crate::until::PATIENCE;

/// Sends `bytes` with control data.
pub(crate) fn send(
    from: &UdpSocket,
    to: SocketAddr,
    bytes: &[u8],
    control: &ControlBuffer,
) -> std::io::Result<usize> {
    let (to, parts) = (SockAddr::from(to), [std::io::IoSlice::new(bytes)]);
    let message = MsgHdr::new().with_addr(&to).with_buffers(&parts).with_control(control.as_bytes());
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
    let mut bytes = vec![MaybeUninit::new(0u8); 65_536];
    let mut control = [MaybeUninit::new(0u8); 256];
    let mut peer = SockAddr::from(SocketAddr::from(([0; 16], 0)));
    let mut parts = [MaybeUninitSlice::new(&mut bytes)];
    let mut message =
        MsgHdrMut::new().with_addr(&mut peer).with_buffers(&mut parts).with_control(&mut control);
    let length = SockRef::from(at).recvmsg(&mut message, 0).unwrap();
    let control_length = message.control_len();
    Received {
        bytes: initialised(&bytes[..length]),
        peer: peer.as_socket().unwrap(),
        control: initialised(&control[..control_length]),
    }
}

fn initialised(bytes: &[MaybeUninit<u8>]) -> Vec<u8> {
    // SAFETY: both arrays above were made of initialised bytes, and receiving only writes into them.
    bytes.iter().map(|byte| unsafe { byte.assume_init() }).collect()
}
