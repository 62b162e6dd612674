//! Sockets lend their descriptors, by the traits of the standard library.

pub(in crate::net) use std::os::fd::{AsFd as Lends, AsRawFd as Tells};

/// Implements the traits for types that have a method `lent`.
macro_rules! lend {
    ($($socket:ty),+) => {$(
        impl std::os::fd::AsFd for $socket {
            #[inline]
            fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
                self.lent()
            }
        }

        impl std::os::fd::AsRawFd for $socket {
            #[inline]
            fn as_raw_fd(&self) -> std::os::fd::RawFd {
                std::os::fd::AsRawFd::as_raw_fd(&self.lent())
            }
        }
    )+};
}
pub(in crate::net) use lend;
