//! From what a user wrote to addresses to try, and from the system's answer to what the user should change.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

use super::error::SocketError;
use super::system::words::first_unprivileged_port;
use crate::backend::sys::errno;

/// The address in a form that programs know; a Unix socket has none.
pub(super) fn ip_address(address: socket2::SockAddr) -> io::Result<SocketAddr> {
    address.as_socket().ok_or_else(|| io::ErrorKind::Unsupported.into())
}

/// All addresses that `given` stands for, never none.
///
/// The text of `given` is wanted only for an error; every address type of the standard library has it by
/// `Debug`, and no other trait gives it for all of them.
pub(crate) fn resolve(given: &(impl ToSocketAddrs + fmt::Debug)) -> Result<Vec<SocketAddr>, SocketError> {
    let text = || format!("{given:?}");
    match given.to_socket_addrs() {
        Ok(addresses) => {
            let addresses: Vec<_> = addresses.collect();
            if addresses.is_empty() { Err(SocketError::BadAddress { text: text() }) } else { Ok(addresses) }
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            Err(SocketError::BadAddress { text: text() })
        }
        Err(source) => Err(SocketError::UnknownHost { name: text(), source }),
    }
}

/// Binds by `bind` to the first of the addresses that `given` stands for and that can be bound.
pub(super) fn bind_first<T>(
    given: &(impl ToSocketAddrs + fmt::Debug),
    only_v6: bool,
    bind: impl Fn(SocketAddr) -> io::Result<T>,
) -> Result<T, SocketError> {
    let mut first_error = None;
    for address in resolve(given)? {
        let bound = match bind(address) {
            Err(error) if error.raw_os_error() == Some(errno::EAFNOSUPPORT) => {
                without_v6(only_v6, address).map_or(Err(error), &bind)
            }
            bound => bound,
        };
        match bound {
            Ok(bound) => return Ok(bound),
            Err(error) => _ = first_error.get_or_insert_with(|| refused(BIND, address, error)),
        }
    }
    // `resolve` gives at least one address, so there was an error.
    Err(first_error.unwrap_or(SocketError::BadAddress { text: format!("{given:?}") }))
}

/// What "all addresses of both families" means on a machine that has only one.
fn without_v6(only_v6: bool, address: SocketAddr) -> Option<SocketAddr> {
    let all = address.ip() == Ipv6Addr::UNSPECIFIED && !only_v6;
    all.then(|| SocketAddr::from((Ipv4Addr::UNSPECIFIED, address.port())))
}

/// What it means that the system refused to bind or connect to `address`.
pub(crate) fn refused(operation: &'static str, address: SocketAddr, source: io::Error) -> SocketError {
    match source.raw_os_error() {
        Some(errno::EADDRINUSE) => SocketError::AddressInUse { address },
        Some(errno::EADDRNOTAVAIL) => SocketError::AddressNotAvailable { address },
        Some(errno::EAFNOSUPPORT) => SocketError::WrongFamily { address },
        Some(errno::EACCES) => match first_unprivileged_port() {
            first_free if operation == BIND && address.port() != 0 && address.port() < first_free => {
                SocketError::PrivilegedPort { address, first_free }
            }
            _ => SocketError::Forbidden { address },
        },
        _ => SocketError::System { operation, source },
    }
}

pub(super) const BIND: &str = "binding a socket";
pub(crate) const CONNECT: &str = "connecting a socket";

#[cfg(test)]
mod tests {
    use super::*;

    fn error(number: i32) -> io::Error {
        io::Error::from_raw_os_error(number)
    }

    #[test]
    fn names_are_told_as_they_were_written() {
        let unknown = resolve(&("no-such-host.invalid", 9)).unwrap_err();
        assert!(unknown.to_string().contains("no-such-host.invalid"), "{unknown}");
        assert!(matches!(unknown, SocketError::UnknownHost { .. }));
        let bad = resolve(&"127.0.0.1").unwrap_err();
        assert_eq!(
            bad.to_string(),
            "\"127.0.0.1\" is no address: write HOST:PORT, like 127.0.0.1:9000 or [::]:9000"
        );
        let none: &[SocketAddr] = &[];
        assert!(matches!(resolve(&none), Err(SocketError::BadAddress { .. })));
    }

    #[test]
    fn only_the_address_of_both_families_has_a_stand_in() {
        let stand_in = |only_v6, address: &str| without_v6(only_v6, address.parse().unwrap());
        assert_eq!(stand_in(false, "[::]:9"), Some("0.0.0.0:9".parse().unwrap()));
        assert_eq!(stand_in(true, "[::]:9"), None);
        assert_eq!(stand_in(false, "[::1]:9"), None);
    }

    #[test]
    fn a_refused_port_is_privileged_only_below_the_limit_of_the_machine() {
        let limit = first_unprivileged_port();
        let address = SocketAddr::from(([127, 0, 0, 1], limit));
        assert!(matches!(refused(BIND, address, error(errno::EACCES)), SocketError::Forbidden { .. }));
        if limit > 1 {
            let address = SocketAddr::from(([127, 0, 0, 1], limit - 1));
            let text = refused(BIND, address, error(errno::EACCES)).to_string();
            assert!(text.contains("CAP_NET_BIND_SERVICE") && text.contains(&limit.to_string()), "{text}");
            let connect = refused(CONNECT, address, error(errno::EACCES));
            assert!(matches!(connect, SocketError::Forbidden { .. }));
        }
    }
}
