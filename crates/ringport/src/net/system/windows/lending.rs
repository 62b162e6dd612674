//! Sockets lend their descriptors, by the traits of the standard library.

pub(in crate::net) use std::os::windows::io::{AsRawSocket as Tells, AsSocket as Lends};

/// Implements the traits for types that have a method `lent`.
macro_rules! lend {
    ($($socket:ty),+) => {$(
        impl std::os::windows::io::AsSocket for $socket {
            #[inline]
            fn as_socket(&self) -> std::os::windows::io::BorrowedSocket<'_> {
                self.lent()
            }
        }

        impl std::os::windows::io::AsRawSocket for $socket {
            #[inline]
            fn as_raw_socket(&self) -> std::os::windows::io::RawSocket {
                std::os::windows::io::AsRawSocket::as_raw_socket(&self.lent())
            }
        }
    )+};
}
pub(in crate::net) use lend;
