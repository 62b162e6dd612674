//! A datagram with its control data, received by a plain call of Linux.

use std::mem::MaybeUninit;
use std::net::SocketAddr;

use ringport::UdpSocket;
use socket2::{MaybeUninitSlice, MsgHdrMut, SockAddr, SockRef};

/// Control data as a send to this address takes it: as it is.
pub(crate) fn as_sent(control: &[u8], _: SocketAddr) -> Vec<u8> {
    control.to_vec()
}

/// Its bytes, who sent it, and the control data.
pub(crate) fn receive(at: &UdpSocket) -> (Vec<u8>, SocketAddr, Vec<u8>) {
    let mut bytes = vec![MaybeUninit::new(0u8); 65_536];
    let mut control = [MaybeUninit::new(0u8); 256];
    let mut peer = SockAddr::from(SocketAddr::from(([0; 16], 0)));
    let mut parts = [MaybeUninitSlice::new(&mut bytes)];
    let mut message =
        MsgHdrMut::new().with_addr(&mut peer).with_buffers(&mut parts).with_control(&mut control);
    let length = SockRef::from(at).recvmsg(&mut message, 0).unwrap();
    let control_length = message.control_len();
    (initialised(&bytes[..length]), peer.as_socket().unwrap(), initialised(&control[..control_length]))
}

fn initialised(bytes: &[MaybeUninit<u8>]) -> Vec<u8> {
    // SAFETY: both arrays above were made of initialised bytes, and receiving only writes into them.
    bytes.iter().map(|byte| unsafe { byte.assume_init() }).collect()
}
