//! The backends of Windows: Registered I/O, and overlapped operations with a completion port.

#[allow(dead_code)] // until there is one
mod carrier;
pub(super) mod direct;
#[expect(dead_code, reason = "what uses it comes next")]
mod iocp;
pub(super) mod operations;

use std::io;

use super::BackendKind;
use super::contract::Contract;

/// What was tried of Registered I/O, whether it is needed, and what came of it.
pub(super) fn findings() -> Vec<(&'static str, bool, Result<(), i32>)> {
    vec![("function table", true, Err(super::sys::errno::EOPNOTSUPP))]
}

/// Why Registered I/O cannot run here, with what to change; `None` when it can.
pub(super) fn rio_refusal() -> Option<String> {
    Some("its functions are not there".to_owned())
}

/// Opens a backend for a completion queue of `size`.
pub(super) fn open(_kind: BackendKind, _size: usize) -> io::Result<Box<dyn Contract>> {
    Err(io::ErrorKind::Unsupported.into())
}
