//! What a socket says of all that it sends.

use std::io;
use std::os::windows::io::BorrowedSocket;

use windows_sys::Win32::Networking::WinSock::{
    IP_DONTFRAGMENT, IP_MTU_DISCOVER, IP_PMTUDISC_DO, IP_PMTUDISC_NOT_SET, IP_PMTUDISC_PROBE, IPPROTO_IP,
    IPPROTO_IPV6, IPV6_DONTFRAG, IPV6_MTU_DISCOVER,
};

use super::offered::{is_missing, missing, not_offered};
use super::told::each_family;
use crate::backend::sys::option;
use crate::net::{Domain, DontFragment, Ecn, SocketError};

/// Windows has the bits told with each send only.
pub(in crate::net) fn mark(_: BorrowedSocket<'_>, _: Domain, _: Ecn) -> Result<(), SocketError> {
    Err(not_offered(
        "one ECN mark for all sends of a socket",
        "give it with each send, by ControlBuffer::ecn or Datagram::mark_reply",
    ))
}

/// Sets whether it leaves in fragments.
pub(in crate::net) fn dont_fragment(
    socket: BorrowedSocket<'_>,
    domain: Domain,
    how: DontFragment,
) -> Result<(), SocketError> {
    let v4 = || set(socket, how, IPPROTO_IP, IP_MTU_DISCOVER, IP_DONTFRAGMENT);
    let v6 = || set(socket, how, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_DONTFRAG);
    each_family(socket, domain, v4, v6).map_err(missing(
        "leaving out what was learnt of a way (IP_MTU_DISCOVER)",
        "use DontFragment::KnownPath",
        "setting whether datagrams leave in fragments",
    ))
}

/// Older releases have a switch, whose two ways are those of a known path and none.
fn set(socket: BorrowedSocket<'_>, how: DontFragment, level: i32, name: i32, older: i32) -> io::Result<()> {
    let value = match how {
        DontFragment::Off => IP_PMTUDISC_NOT_SET,
        DontFragment::KnownPath => IP_PMTUDISC_DO,
        DontFragment::Probe => IP_PMTUDISC_PROBE,
    };
    match option::set(socket, level, name, &value) {
        Err(error) if is_missing(&error) && how != DontFragment::Probe => {
            option::set_switch(socket, level, older, how == DontFragment::KnownPath)
        }
        set => set,
    }
}
