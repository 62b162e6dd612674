//! Windows, by the functions of its sockets and its kernel.

pub(crate) mod descriptor;
pub(crate) mod errno;
