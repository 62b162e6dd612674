//! Runs of datagrams: UDP_RECV_MAX_COALESCED_SIZE and UDP_SEND_MSG_SIZE.

use std::io;
use std::os::windows::io::BorrowedSocket;

use windows_sys::Win32::Networking::WinSock::{IPPROTO_UDP, UDP_RECV_MAX_COALESCED_SIZE, UDP_SEND_MSG_SIZE};

use super::offered::switched;
use crate::backend::sys::option;
use crate::net::SocketError;

/// The longest run: what slices for runs have room for.
const LONGEST: u32 = 65_535;

/// Switches the gathering of received datagrams.
pub(in crate::net) fn receive(socket: BorrowedSocket<'_>, on: bool) -> Result<(), SocketError> {
    let set = option::set(socket, IPPROTO_UDP, UDP_RECV_MAX_COALESCED_SIZE, &if on { LONGEST } else { 0 });
    switched(
        on,
        set,
        "receiving several datagrams as one run (UDP_RECV_MAX_COALESCED_SIZE)",
        "receive them one by one, or use Windows 10 2004 or later",
        "setting the receive offload of a socket",
    )
}

/// Tries whether sends can be split.
pub(in crate::net) fn try_send(socket: BorrowedSocket<'_>) -> io::Result<()> {
    option::set(socket, IPPROTO_UDP, UDP_SEND_MSG_SIZE, &1024)
}
