//! Little memory may be locked, as for any ordinary user: servers run all the same and say so, unless they must not,
//! and rings that the kernel counts are refused with the limit to raise.
//!
//! On Linux only: it takes a limit on the memory that a user locks.

use std::sync::{Mutex, PoisonError};

use ringport::backend::BackendError;
use ringport::memory::{LockState, MemoryError};
use ringport::queue::QueueError;
use ringport::server::ServerError;
use ringport::{BackendChoice, BufferPool, Completions, Design, Lock, RequestQueue, UdpServer, UdpSocket};

use crate::alone;
use crate::backends;
use crate::common::child::{INSIDE, inside};
use crate::common::rig::{builder, bytes, limits, plain, pool};
use crate::common::until;
use crate::ordinary_user::passes_as_ordinary_user;
use crate::ways::{next, sink, ways};

/// The kernel counts what a user locks in all of its processes, so these tests run one after the other.
static ONE_USER: Mutex<()> = Mutex::new(());

/// Runs a part as an ordinary user who may lock 64 KiB; returns what it said, where that is possible.
fn limited(test: &str, part: fn() -> Vec<BufferPool>) -> Option<String> {
    if inside() {
        alone::checked(part);
        return None;
    }
    let _alone = ONE_USER.lock().unwrap_or_else(PoisonError::into_inner);
    passes_as_ordinary_user(test, "ulimit -l 64", INSIDE)
}

#[test]
fn servers_live_with_the_limit() {
    if let Some(said) = limited("lock_limit::servers_live_with_the_limit", by_default) {
        let told = said.matches("ringport: running with memory that is not locked").count();
        assert!(told >= 1 && said.contains("ulimit -l"), "{said}");
    }
}

#[test]
fn servers_that_must_lock_are_refused() {
    limited("lock_limit::servers_that_must_lock_are_refused", insisting);
}

#[test]
fn rings_are_refused_at_the_limit_and_serve_up_to_it() {
    limited("lock_limit::rings_are_refused_at_the_limit_and_serve_up_to_it", many_rings);
}

fn by_default() -> Vec<BufferPool> {
    let client = plain();
    for design in Design::ALL {
        let server = UdpServer::bind("127.0.0.1:0").unwrap().design(design);
        let server = server.start(|datagram| datagram.reply()).unwrap();
        client.send_to(b"unlocked", server.local_addr()).unwrap();
        assert_eq!(next(&client).0, b"unlocked", "{design}");
        let counters = server.stop().unwrap().counters;
        assert_eq!(counters.locked_bytes, 0, "{design}");
        assert!(matches!(counters.lock_state, Some(LockState::Unlocked { .. })), "{design}");
    }
    Vec::new()
}

fn insisting() -> Vec<BufferPool> {
    for way in ways() {
        let server = || UdpServer::bind("127.0.0.1:0").unwrap().design(way.design).backend(way.backend);
        let refused = server().lock(Lock::Required).start(sink).map(drop);
        assert!(
            matches!(
                refused,
                Err(ServerError::Memory { source: MemoryError::LockLimit { allowed: 65_536, .. }, .. })
            ),
            "{way}: {refused:?}"
        );
        // Recent kernels count the rings of io_uring, too. Who insists on it is told what to raise.
        match server().start(sink).map(drop) {
            Ok(()) => {}
            Err(error) if way.backend == BackendChoice::Uring => {
                assert!(error.to_string().contains("ulimit -l"), "{way}: {error}");
            }
            Err(error) => panic!("{way}: {error}"),
        }
    }
    Vec::new()
}

/// Opens queues until one is refused, which is never over epoll, and on kernels that do not count rings.
fn many_rings() -> Vec<BufferPool> {
    let pool = pool(64, 1);
    for choice in backends::present() {
        let open = || builder(choice, 64).polled();
        // Twice, because what is given back can be had again: soon, for the kernel takes its time to count it.
        for _ in 0..2 {
            let mut first = until("memory for a ring", || open().ok());
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            let attach = || RequestQueue::new(&socket, &first, &first, limits(1, 0), 0);
            let requests = until("memory for its buffers", || attach().ok());
            // Not one more is tried after a refusal: what rings before these had may be counted no more by then.
            let mut refused = None;
            let open_one = |_| open().map_err(|error| refused = Some(error)).ok();
            let _others: Vec<_> = (0..100).map_while(open_one).collect();
            if let Some(refused) = refused {
                assert!(matches!(refused, QueueError::Backend(BackendError::System { .. })), "{refused:?}");
                assert!(refused.to_string().contains("ulimit -l"), "{refused}");
                assert_eq!(choice, BackendChoice::Uring);
            }
            requests.receive(pool.take().unwrap(), 0).unwrap();
            plain().send_to(b"served", socket.local_addr().unwrap()).unwrap();
            let mut one = Completions::with_capacity(1);
            until("the datagram", || (first.dequeue(&mut one) == 1).then_some(()));
            assert_eq!(bytes(&one.drain().next().unwrap()), b"served");
        }
    }
    vec![pool]
}
