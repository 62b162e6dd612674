//! Echoes over TCP, written by hand: one thread, all connections.
//!
//! ```text
//!   Epoll   level-triggered: one `recv` a notification, then `send`
//!   Uring   one multishot receive a connection into shared slices; sends are entries, which go with the next wait
//! ```
//!
//! Edge-triggered notifications cost the same, and of four ways over io_uring this one cost the least.

use std::net::TcpListener;

use ringport_stand::Failure;
use ringport_stand::streams::{Shared, epoll, uring};

use crate::load::{Load, Work};
use crate::peer::{Maker, Peer};

/// Slices that all connections of a ring share.
const SHARED: Shared = Shared { slices: 128, slice: 32 * 1024 };

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Connections {
    Epoll,
    Uring,
}

impl Peer for Connections {
    fn name(&self) -> &'static str {
        match self {
            Connections::Epoll => "hand-epoll",
            Connections::Uring => "hand-uring",
        }
    }

    fn how(&self) -> &'static str {
        match self {
            Connections::Epoll => "epoll, recv, send",
            Connections::Uring => "io_uring, a multishot recv a connection, sends as entries",
        }
    }

    fn maker(&self) -> Maker {
        Maker::Hand
    }

    fn packages(&self) -> &'static [&'static str] {
        match self {
            Connections::Epoll => &[],
            Connections::Uring => &["io-uring"],
        }
    }

    fn meets(&self, load: Load) -> bool {
        load.work() == Work::Streams
    }

    fn obstacle(&self) -> Option<String> {
        if *self == Connections::Uring { super::without_io_uring() } else { None }
    }

    fn streams(&self, listener: TcpListener) -> Result<(), Failure> {
        match self {
            Connections::Epoll => epoll::level(listener),
            Connections::Uring => uring::multishot_entry(listener, SHARED),
        }
    }
}
