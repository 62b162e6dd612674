//! The numbers of errors that are made here and read like the system's.

pub(crate) const OUT_OF_MEMORY: i32 = libc::ENOMEM;
pub(crate) const INVALID: i32 = libc::EINVAL;
