//! What can go wrong with a socket, and what to change.

use std::io;
use std::net::SocketAddr;

use thiserror::Error;

use super::system::words::{FORBIDDEN, SHARING};
use crate::advice::advice;
use crate::backend::sys::errno;

/// Why a socket could not be made, bound, connected or changed. Each text says what to change.
///
/// ```
/// use ringport::UdpSocket;
/// use ringport::net::SocketError;
///
/// let first = UdpSocket::bind("127.0.0.1:0")?;
/// let address = first.local_addr()?;
/// let error = UdpSocket::bind(address).unwrap_err();
/// assert!(matches!(error, SocketError::AddressInUse { address: named } if named == address));
/// # Ok::<(), SocketError>(())
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SocketError {
    /// Another socket holds the address.
    #[error(
        "the address {address} is in use: stop the program that holds it, choose another port, or port 0 for \
         a free one ({SHARING})"
    )]
    AddressInUse {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The port is one of those that need a privilege.
    #[error(
        "port {} of {address} is privileged: ports below {first_free} need CAP_NET_BIND_SERVICE; choose a port \
         from {first_free} on, give the program the capability, or lower net.ipv4.ip_unprivileged_port_start",
        address.port()
    )]
    PrivilegedPort {
        /// The address that was asked for.
        address: SocketAddr,
        /// The first port that needs no privilege (`net.ipv4.ip_unprivileged_port_start`).
        first_free: u16,
    },
    /// The system's rules forbid the address, for another reason than a privileged port.
    #[error("the system does not allow {address}: {FORBIDDEN}")]
    Forbidden {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// No interface of this machine has the address.
    #[error(
        "no interface of this machine has the address {}: choose one that it has, or 0.0.0.0 or [::] for all",
        address.ip()
    )]
    AddressNotAvailable {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The name of the host is not known.
    #[error(
        "the host of {name} is unknown: check its spelling and the name service of this machine ({source})"
    )]
    UnknownHost {
        /// The name that was given, with its port.
        name: String,
        /// What the name service said.
        source: io::Error,
    },
    /// What was given is not an address.
    #[error("{text} is no address: write HOST:PORT, like 127.0.0.1:9000 or [::]:9000")]
    BadAddress {
        /// What was given.
        text: String,
    },
    /// The address is of a family that the socket, or this machine, does not have.
    #[error(
        "{address} is of another family than the socket, or of one that this machine does not have: bind to \
         [::] for both families, or use an address of the same family"
    )]
    WrongFamily {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The kernel granted a smaller socket buffer than the program requires.
    #[error(
        "a {which} buffer of {asked} bytes was asked for and {granted} granted: raise {limit} to {asked} or ask \
         for less"
    )]
    BufferLimit {
        /// `receive` or `send`.
        which: &'static str,
        /// The bytes asked for.
        asked: usize,
        /// The bytes granted; the socket keeps them.
        granted: usize,
        /// The setting that limits it: `net.core.rmem_max` or `net.core.wmem_max` on Linux.
        limit: &'static str,
    },
    /// The address is no multicast group.
    #[error("{group} is no multicast group: those are 224.0.0.0/4 and ff00::/8")]
    NotAGroup {
        /// The address that was given.
        group: std::net::IpAddr,
    },
    /// An interface of an IPv6 group was given by an IPv4 address.
    #[error("an interface of an IPv6 group is named by its index, not by the address {given}")]
    InterfaceNeedsIndex {
        /// The address that was given.
        given: std::net::Ipv4Addr,
    },
    /// This system, or this release of it, does not offer what was asked for.
    #[error("this system does not offer {what}: {instead}")]
    NotOffered {
        /// What was asked for, with the name that the system has for it.
        what: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// Any other error of the system, with the limit to raise where that is known.
    #[error("{operation}: {source}{}", advice(source))]
    System {
        /// What was being done.
        operation: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl SocketError {
    /// For `map_err`: names what was being done.
    pub(super) fn system(operation: &'static str) -> impl FnOnce(io::Error) -> SocketError {
        move |source| SocketError::System { operation, source }
    }

    /// The number of the system's error behind this one, where there is one.
    ///
    /// ```
    /// use ringport::UdpSocket;
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0")?;
    /// let error = socket.peer_addr().unwrap_err();
    /// let number = if cfg!(windows) { 10057 } else { 107 }; // WSAENOTCONN, ENOTCONN
    /// assert_eq!(error.raw_os_error(), Some(number));
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn raw_os_error(&self) -> Option<i32> {
        match self {
            SocketError::System { source, .. } | SocketError::UnknownHost { source, .. } => {
                source.raw_os_error()
            }
            SocketError::AddressInUse { .. } => Some(errno::EADDRINUSE),
            SocketError::PrivilegedPort { .. } | SocketError::Forbidden { .. } => Some(errno::EACCES),
            SocketError::AddressNotAvailable { .. } => Some(errno::EADDRNOTAVAIL),
            SocketError::WrongFamily { .. } => Some(errno::EAFNOSUPPORT),
            SocketError::BadAddress { .. }
            | SocketError::BufferLimit { .. }
            | SocketError::NotAGroup { .. }
            | SocketError::InterfaceNeedsIndex { .. }
            | SocketError::NotOffered { .. } => None,
        }
    }
}

/// So that `?` works where a program speaks of `io::Error`; the text is kept.
impl From<SocketError> for io::Error {
    fn from(error: SocketError) -> io::Error {
        let kind = match (&error, error.raw_os_error()) {
            (_, Some(number)) => io::Error::from_raw_os_error(number).kind(),
            (SocketError::NotOffered { .. }, None) => io::ErrorKind::Unsupported,
            (_, None) => io::ErrorKind::InvalidInput,
        };
        io::Error::new(kind, error)
    }
}
