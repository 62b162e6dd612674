//! The handle that operations are for: a file or a socket.

use std::fs::File;
use std::os::windows::io::{
    AsHandle, AsRawHandle, AsRawSocket, AsSocket, BorrowedSocket, OwnedHandle, OwnedSocket, RawHandle,
    RawSocket,
};
use std::sync::Arc;

use super::file;
use crate::backend::sys::kind;
use crate::net::{Claim, UdpSocket};

/// What a handle is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    File,
    Udp,
    Stream,
    Listener,
}

/// Keeps the handle open.
#[derive(Clone, Debug)]
pub(crate) enum Descriptor {
    Udp(UdpSocket),
    Owned(Arc<OwnedSocket>),
    File(Arc<OwnedHandle>),
}

impl Descriptor {
    pub(crate) fn of_file(file: File) -> Descriptor {
        Descriptor::File(Arc::new(file.into()))
    }

    pub(crate) fn of_socket(socket: impl Into<OwnedSocket>) -> Descriptor {
        Descriptor::Owned(Arc::new(socket.into()))
    }

    /// What the calls of the system want. A socket of Windows is a handle, too.
    pub(super) fn raw(&self) -> RawHandle {
        match self {
            Descriptor::File(file) => file.as_handle().as_raw_handle(),
            _ => self.as_socket().as_raw_socket() as RawHandle,
        }
    }

    /// Tells the system to send no packets for what is done at once; whether it does so from now on, and for good. A
    /// socket whose provider is no file system would send them all the same.
    pub(super) fn skip_on_success(&self) -> bool {
        let can = matches!(self, Descriptor::File(_)) || kind::is_of_file_system(self.as_socket());
        // SAFETY: this keeps the handle open.
        can && unsafe { file::skip_on_success(self.raw()) }
    }
}

impl AsSocket for Descriptor {
    fn as_socket(&self) -> BorrowedSocket<'_> {
        match self {
            Descriptor::Udp(socket) => socket.as_socket(),
            Descriptor::Owned(socket) => socket.as_socket(),
            // SAFETY: the handle is open for as long as it is borrowed. It is none of a socket, which is what a call on
            // it says; nobody asks.
            Descriptor::File(file) => unsafe {
                BorrowedSocket::borrow_raw(file.as_raw_handle() as RawSocket)
            },
        }
    }
}

/// What a handle brings along.
#[derive(Debug)]
pub(crate) struct Holding {
    pub(crate) descriptor: Descriptor,
    #[expect(dead_code, reason = "the kind of the descriptor tells enough here")]
    pub(crate) subject: Subject,
    pub(crate) key: u64,
    /// Keeps others from the same socket.
    pub(crate) _claim: Option<Claim>,
}
