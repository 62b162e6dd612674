//! Which functions belong to a socket: those of its provider, asked for once.
//!
//! The pointers differ from provider to provider (a filter that is installed below the sockets may bring its own), so
//! none is used with a socket that another provider made. The catalogue's number names a provider.
//!
//! ```text
//!   socket --SO_PROTOCOL_INFO--> catalogue entry 1004 --KNOWN--> &'static Functions, or why there are none
//! ```

use std::io;
use std::mem::size_of;
use std::os::windows::io::{AsRawSocket, AsSocket, BorrowedSocket, OwnedSocket};
use std::ptr;
use std::sync::{Mutex, PoisonError};

use windows_sys::Win32::Networking::WinSock::{
    AF_INET, SO_PROTOCOL_INFO, SOCKET, SOL_SOCKET, WSAPROTOCOL_INFOW, getsockopt,
};

use super::constants::last_error;
use super::functions::Functions;
use crate::backend::sys::socket;

/// Providers that were asked. A process meets a handful of them, so they are kept for its life.
static KNOWN: Mutex<Vec<(u32, Result<&'static Functions, i32>)>> = Mutex::new(Vec::new());

/// Stands in for every provider; tests install it.
#[cfg(ringport_stand_in)]
static STAND_IN: std::sync::OnceLock<Functions> = std::sync::OnceLock::new();

/// Has every socket served by `table` from now on.
///
/// # Safety
/// The functions behave as their documentation says, for the rest of the process.
#[cfg(ringport_stand_in)]
pub(crate) unsafe fn install(
    table: &windows_sys::Win32::Networking::WinSock::RIO_EXTENSION_FUNCTION_TABLE,
) -> bool {
    Functions::check(table).is_some_and(|functions| STAND_IN.set(functions).is_ok())
}

/// The functions that serve `socket`.
pub(super) fn functions(socket: BorrowedSocket<'_>) -> io::Result<&'static Functions> {
    #[cfg(ringport_stand_in)]
    if let Some(functions) = STAND_IN.get() {
        return Ok(functions);
    }
    let provider = provider(socket)?;
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, answer)) = known.iter().find(|(asked, _)| *asked == provider) {
        return answer.map_err(io::Error::from_raw_os_error);
    }
    match Functions::load(socket) {
        Ok(functions) => {
            let functions: &'static Functions = Box::leak(Box::new(functions));
            known.push((provider, Ok(functions)));
            Ok(functions)
        }
        Err(error) => {
            // An answer without a number is rare, and asked for again.
            known.extend(error.raw_os_error().map(|number| (provider, Err(number))));
            Err(error)
        }
    }
}

/// The functions for datagrams of IPv4, which stand for all where no socket is at hand.
pub(super) fn common_functions() -> io::Result<&'static Functions> {
    functions(probe_socket()?.as_socket())
}

/// What the system says where it has no Registered I/O.
pub(in crate::backend::windows) fn detect() -> io::Result<()> {
    common_functions().map(|_| ())
}

/// The number of the catalogue entry that `socket` was made from.
fn provider(socket: BorrowedSocket<'_>) -> io::Result<u32> {
    // SAFETY: a plain C structure of integers and characters; all zeroes is a valid value.
    let mut information: WSAPROTOCOL_INFOW = unsafe { std::mem::zeroed() };
    let mut length = size_of::<WSAPROTOCOL_INFOW>() as i32;
    let socket = socket.as_raw_socket() as SOCKET;
    let room = ptr::from_mut(&mut information).cast();
    // SAFETY: the value and its length are locals, and the length is that of the value.
    let result = unsafe { getsockopt(socket, SOL_SOCKET, SO_PROTOCOL_INFO, room, &mut length) };
    if result == 0 { Ok(information.dwCatalogEntryId) } else { Err(last_error()) }
}

/// A socket to ask with.
fn probe_socket() -> io::Result<OwnedSocket> {
    socket::udp(AF_INET)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, UdpSocket};

    #[test]
    fn each_kind_of_socket_names_its_provider() {
        let first = UdpSocket::bind("127.0.0.1:0").unwrap();
        let second = UdpSocket::bind("127.0.0.1:0").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let id = |socket: BorrowedSocket<'_>| provider(socket).unwrap();
        assert_eq!(id(first.as_socket()), id(second.as_socket()));
        assert_ne!(id(first.as_socket()), id(listener.as_socket()));
    }

    #[test]
    fn the_second_answer_is_the_first() {
        let socket = probe_socket().unwrap();
        let ask = || functions(socket.as_socket()).map(|functions| functions as *const Functions);
        let (first, second) = (ask(), ask());
        assert_eq!(first.as_ref().ok(), second.as_ref().ok());
        assert_eq!(
            first.err().and_then(|error| error.raw_os_error()),
            second.err().and_then(|error| error.raw_os_error())
        );
        assert_eq!(detect().is_ok(), ask().is_ok());
    }
}
