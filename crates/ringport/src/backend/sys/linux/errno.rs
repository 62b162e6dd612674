//! The error numbers that the crate knows, by their names.

pub(crate) use libc::{
    EACCES, EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, EAGAIN, ECANCELED, EINTR, EINVAL, EIO, EMFILE, EMSGSIZE,
    ENETUNREACH, ENFILE, ENOBUFS, ENOMEM, ENOPROTOOPT, ENOSPC, ENOTSOCK, EOPNOTSUPP, ETIMEDOUT,
};
#[cfg(test)]
pub(crate) use libc::{EBADFD, EPERM};
