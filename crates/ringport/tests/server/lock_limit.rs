//! Little memory may be locked: a server runs all the same and says so, unless it must not.

use ringport::memory::{LockState, MemoryError};
use ringport::server::ServerError;
use ringport::{BackendChoice, Design, Lock, UdpServer};

use crate::child::{is_child, passes_as_nobody};
use crate::ways::{client, next, sink, ways};

const NAME: &str = "lock_limit::a_limit_of_64_kib_is_lived_with_or_refused";

#[test]
fn a_limit_of_64_kib_is_lived_with_or_refused() {
    if !is_child() {
        let Some(text) = passes_as_nobody(NAME, "ulimit -l 64") else { return };
        let told = text.matches("ringport: running with memory that is not locked").count();
        assert!(told >= 1 && text.contains("ulimit -l"), "{text}");
        return;
    }
    for design in Design::ALL {
        // As large as by default.
        let server = UdpServer::bind("127.0.0.1:0").unwrap().design(design);
        let server = server.start(|datagram| datagram.reply()).unwrap();
        let client = client();
        client.send_to(b"unlocked", server.local_addr()).unwrap();
        assert_eq!(next(&client).0, b"unlocked", "{design}");
        let counters = server.stop().unwrap().counters;
        assert_eq!(counters.locked_bytes, 0, "{design}");
        assert!(matches!(counters.lock_state, Some(LockState::Unlocked { .. })), "{design}");
    }
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
}
