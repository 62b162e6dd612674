//! The ways to receive that are compared.

use std::fmt;

use clap::ValueEnum;
use ringport::{BackendChoice, Waiting, backend};
use serde::{Deserialize, Serialize};

/// One way to receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Candidate {
    /// The one that the others are compared with.
    Tokio,
    /// `recvfrom` that blocks, one datagram a call.
    Blocking,
    /// epoll, then `recvmmsg` of 64 until there is no full batch.
    Recvmmsg,
    /// The library over io_uring, as it comes.
    Uring,
    /// The library over epoll, as it comes.
    Epoll,
    /// The library over io_uring, never gathering.
    UringAtOnce,
    /// The library over epoll, never gathering.
    EpollAtOnce,
}

impl Candidate {
    /// Those that receive.
    pub(crate) const RECEIVERS: [Candidate; 7] = [
        Candidate::Tokio,
        Candidate::Blocking,
        Candidate::Recvmmsg,
        Candidate::Uring,
        Candidate::Epoll,
        Candidate::UringAtOnce,
        Candidate::EpollAtOnce,
    ];

    /// Those that answer.
    pub(crate) const SERVERS: [Candidate; 4] =
        [Candidate::Tokio, Candidate::Blocking, Candidate::Uring, Candidate::Epoll];

    /// The backend, for the library.
    pub(crate) fn backend(self) -> Option<BackendChoice> {
        match self {
            Candidate::Tokio | Candidate::Blocking | Candidate::Recvmmsg => None,
            Candidate::Uring | Candidate::UringAtOnce => Some(BackendChoice::Uring),
            Candidate::Epoll | Candidate::EpollAtOnce => Some(BackendChoice::Epoll),
        }
    }

    /// Whether completions may be gathered, as they may unless it is switched off.
    pub(crate) fn waiting(self) -> Waiting {
        match self {
            Candidate::UringAtOnce | Candidate::EpollAtOnce => Waiting::Latency,
            _ => Waiting::default(),
        }
    }

    /// Why it cannot run on this machine, if so.
    pub(crate) fn obstacle(self) -> Option<String> {
        let error = backend::explain(self.backend()?).err()?;
        Some(format!("{self} was not measured: {error}"))
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Candidate::Tokio => "tokio",
            Candidate::Blocking => "blocking",
            Candidate::Recvmmsg => "epoll + recvmmsg",
            Candidate::Uring => "ringport uring",
            Candidate::Epoll => "ringport epoll",
            Candidate::UringAtOnce => "ringport uring, latency",
            Candidate::EpollAtOnce => "ringport epoll, latency",
        })
    }
}
