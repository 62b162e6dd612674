//! The backends of Windows: Registered I/O, and overlapped operations with a completion port.

// Packets of a completion port, and contexts of registered requests, are as wide as a pointer. Here they carry 64 bits.
#[cfg(not(target_pointer_width = "64"))]
compile_error!(
    "ringport runs on 64-bit Windows only: build it for x86_64-pc-windows-* or aarch64-pc-windows-*"
);

mod bookkeeping;
mod carrier;
pub(super) mod direct;
mod extension;
mod iocp;
pub(super) mod landing;
pub(super) mod operations;
mod overlapped;
pub(super) mod packets;
pub(super) mod rio;
mod status;

use std::io;
use std::sync::Arc;

use self::bookkeeping::Windows;
use self::landing::Landing;
use self::overlapped::Overlapped;
use self::rio::Rio;
use super::BackendKind;
use super::contract::Contract;

/// What was tried of Registered I/O, whether it is needed, and what came of it.
pub(super) fn findings() -> Vec<(&'static str, bool, Result<(), i32>)> {
    let number = |error: io::Error| error.raw_os_error().unwrap_or(super::sys::errno::EOPNOTSUPP);
    vec![("function table", true, rio::detect().map_err(number))]
}

/// Why Registered I/O cannot run here, with what to change; `None` when it can.
pub(super) fn rio_refusal() -> Option<String> {
    let error = rio::detect().err()?;
    Some(format!("this system does not give its functions ({error})"))
}

/// Who is told that a queue has something.
#[derive(Clone, Debug)]
pub(super) enum Told {
    /// Nobody: its thread asks again and again.
    Nobody,
    /// The thread that sleeps on a port of the queue's own.
    Sleeper,
    /// The threads of a port of the program's. Nobody sleeps for this queue alone.
    Port(Arc<Landing>),
}

/// Opens a backend for a completion queue of `size`.
pub(super) fn open(kind: BackendKind, size: usize, told: Told) -> io::Result<Box<dyn Contract>> {
    let landing = match &told {
        Told::Port(landing) => Some(Arc::clone(landing)),
        Told::Nobody | Told::Sleeper => None,
    };
    match kind {
        BackendKind::Rio => Ok(Box::new(Windows::new(Rio::open(size, told)?))),
        BackendKind::Overlapped => Ok(Box::new(Windows::new(Overlapped::open(landing)?))),
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}
