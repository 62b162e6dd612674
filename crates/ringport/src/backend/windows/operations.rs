//! Operations on Windows: overlapped, on the port itself.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::backend::plain::{Done, Outlet, Request};
use crate::backend::sys::descriptor::{AsFd, BorrowedFd, OwnedFd};
use crate::backend::{BackendChoice, BackendError, BackendKind};
use crate::net::{Claim, UdpSocket};

/// What a handle is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    File,
    Udp,
    Stream,
    Listener,
}

/// Keeps the descriptor open.
#[derive(Clone, Debug)]
pub(crate) enum Descriptor {
    Udp(UdpSocket),
    Owned(Arc<OwnedFd>),
    File(Arc<std::fs::File>),
}

impl Descriptor {
    /// That of a file.
    pub(crate) fn of_file(file: std::fs::File) -> Descriptor {
        Descriptor::File(Arc::new(file))
    }
}

impl std::os::windows::io::AsSocket for Descriptor {
    fn as_socket(&self) -> BorrowedFd<'_> {
        match self {
            Descriptor::Udp(socket) => socket.as_fd(),
            Descriptor::Owned(descriptor) => descriptor.as_fd(),
            // SAFETY: no socket has this number, so nothing can be done with it.
            Descriptor::File(_) => unsafe { BorrowedFd::borrow_raw(u64::MAX - 1) },
        }
    }
}

/// What a handle brings along.
#[derive(Debug)]
pub(crate) struct Holding {
    pub(crate) descriptor: Descriptor,
    pub(crate) subject: Subject,
    pub(crate) key: u64,
    /// Keeps others from the same socket.
    pub(crate) _claim: Option<Claim>,
}

/// Names a handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place;

/// See the module.
pub(crate) struct Engine;

/// How an operation began.
#[derive(Debug)]
pub(crate) enum Begun {
    /// It is under way under this number.
    Pending(u64),
    /// It is done already; whether its handle wants that told without a packet.
    Done { done: Done, number: u64, skip: bool },
}

/// Why an operation was not started.
#[derive(Debug)]
pub(crate) enum Refusal {
    Closed,
    Limit(usize),
}

impl Engine {
    pub(crate) fn open(_: BackendChoice, _: usize, _: Arc<dyn Outlet>) -> Result<Engine, BackendError> {
        let source = io::ErrorKind::Unsupported.into();
        Err(BackendError::System { kind: BackendKind::Overlapped, source })
    }
    pub(crate) fn kind(&self) -> BackendKind {
        BackendKind::Overlapped
    }
    pub(crate) fn is_polled(&self) -> bool {
        false
    }
    pub(crate) fn poll(&self, _: Option<Duration>, _: usize, _: &mut dyn FnMut(Done)) -> io::Result<()> {
        Ok(())
    }
    pub(crate) fn poke(&self) {}
    pub(crate) fn attach(&self, _: Holding) -> io::Result<Option<Place>> {
        Ok(None)
    }
    pub(crate) fn start<B>(
        &self,
        _: Place,
        from: B,
        _: impl FnOnce(B) -> Request,
    ) -> Result<Begun, (Refusal, B)> {
        Err((Refusal::Closed, from))
    }
    pub(crate) fn set_limit(&self, _: Place, _: usize) {}
    pub(crate) fn set_skip(&self, _: Place, _: bool) {}
    pub(crate) fn outstanding(&self, _: Place) -> usize {
        0
    }
    pub(crate) fn cancel(&self, _: Place, _: u64, _: &mut dyn FnMut(Done)) -> bool {
        false
    }
    pub(crate) fn cancel_all(&self, _: Place, _: &mut dyn FnMut(Done)) -> usize {
        0
    }
    pub(crate) fn detach(&self, _: Place, _: &mut dyn FnMut(Done)) {}
    pub(crate) fn close(&self, _: &mut dyn FnMut(Done)) {}
}
