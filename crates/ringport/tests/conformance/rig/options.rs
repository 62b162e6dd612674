//! How a request is posted: the library's options, with fields that a fault can read and change.

use std::net::SocketAddr;

use ringport::net::ControlBuffer;
use ringport::{Receive, Send};

/// The flags of a receive.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ReceiveAs {
    pub(crate) addresses: bool,
    pub(crate) silent: bool,
    pub(crate) wait_all: bool,
}

/// The destination, the control messages and the flags of a send.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SendAs<'control> {
    pub(crate) to: Option<SocketAddr>,
    pub(crate) control: Option<&'control ControlBuffer>,
    pub(crate) silent: bool,
    pub(crate) deferred: bool,
}

impl ReceiveAs {
    pub(super) fn options(self) -> Receive {
        let mut options = Receive::new();
        if self.addresses {
            options = options.addresses();
        }
        if self.silent {
            options = options.dont_notify();
        }
        if self.wait_all {
            options = options.wait_all();
        }
        options
    }
}

impl<'control> SendAs<'control> {
    pub(crate) fn to(peer: SocketAddr) -> SendAs<'control> {
        SendAs { to: Some(peer), ..SendAs::default() }
    }

    pub(crate) fn defer(self) -> SendAs<'control> {
        SendAs { deferred: true, ..self }
    }

    pub(super) fn options(self) -> Send<'control> {
        let mut options = Send::new();
        if let Some(peer) = self.to {
            options = options.to(peer);
        }
        if let Some(control) = self.control {
            options = options.control(control);
        }
        if self.silent {
            options = options.dont_notify();
        }
        if self.deferred {
            options = options.defer();
        }
        options
    }
}
