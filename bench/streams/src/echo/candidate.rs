//! What is compared: echo servers of one thread.

use std::net::TcpListener;

use ringport::{BackendChoice, backend};

use crate::serve::{Server, queue, server};
use ringport_stand::Failure;
use ringport_stand::streams::{epoll, tokio, uring};

/// A server: it is given the listener and serves until the process ends.
pub(crate) type Run = fn(TcpListener, &Server) -> Result<(), Failure>;

/// Who made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Maker {
    /// By hand over epoll: what the library is judged by.
    Epoll,
    /// By hand over io_uring.
    Uring,
    Tokio,
    /// The library, over the backend of this choice.
    Library(BackendChoice),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub(crate) name: &'static str,
    pub(crate) maker: Maker,
    /// Whether it stands for its likes where idle connections are held.
    pub(crate) holds: bool,
    pub(crate) run: Run,
}

const fn candidate(name: &'static str, maker: Maker, run: Run) -> Candidate {
    Candidate { name, maker, holds: false, run }
}

const fn holder(name: &'static str, maker: Maker, run: Run) -> Candidate {
    Candidate { name, maker, holds: true, run }
}

/// All of them, in the order of the report.
pub(crate) const CANDIDATES: [Candidate; 13] = [
    holder("hand-epoll-level", Maker::Epoll, |listener, _| epoll::level(listener)),
    candidate("hand-epoll-edge", Maker::Epoll, |listener, _| epoll::edge(listener)),
    candidate("hand-multishot-direct", Maker::Uring, |listener, server| {
        uring::multishot_direct(listener, server.shared())
    }),
    holder("hand-multishot-entry", Maker::Uring, |listener, server| {
        uring::multishot_entry(listener, server.shared())
    }),
    candidate("hand-one-shot-direct", Maker::Uring, |listener, server| {
        uring::one_shot_direct(listener, server.shared())
    }),
    candidate("hand-one-shot-entry", Maker::Uring, |listener, server| {
        uring::one_shot_entry(listener, server.shared())
    }),
    holder("tokio", Maker::Tokio, |listener, _| tokio::run(listener)),
    holder("ringport-queue", Maker::Library(BackendChoice::Automatic), queue::run),
    candidate("ringport-queue-uring", Maker::Library(BackendChoice::Uring), queue::run),
    candidate("ringport-queue-epoll", Maker::Library(BackendChoice::Epoll), queue::run),
    holder("ringport-server", Maker::Library(BackendChoice::Automatic), server::run),
    candidate("ringport-server-uring", Maker::Library(BackendChoice::Uring), server::run),
    candidate("ringport-server-epoll", Maker::Library(BackendChoice::Epoll), server::run),
];

impl Candidate {
    pub(crate) fn named(name: &str) -> Option<Candidate> {
        CANDIDATES.into_iter().find(|candidate| candidate.name == name)
    }

    /// The backend that is asked for, where it is the library.
    pub(crate) fn backend(&self) -> Option<BackendChoice> {
        match self.maker {
            Maker::Library(choice) => Some(choice),
            Maker::Epoll | Maker::Uring | Maker::Tokio => None,
        }
    }

    /// Why it cannot run here, if so.
    pub(crate) fn obstacle(&self) -> Option<String> {
        match self.maker {
            Maker::Uring | Maker::Library(BackendChoice::Uring) => {
                let reason = backend::explain(BackendChoice::Uring).err()?;
                Some(format!("{} was not measured: {reason}", self.name))
            }
            Maker::Epoll | Maker::Tokio | Maker::Library(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        for candidate in CANDIDATES {
            let same = CANDIDATES.iter().filter(|other| other.name == candidate.name);
            assert_eq!(same.count(), 1, "{}", candidate.name);
        }
        assert!(Candidate::named("tokio").is_some() && Candidate::named("nothing").is_none());
    }
}
