//! The designs that a server can have on this system.

use ringport::Design;

/// One of each kind that serves streams, for tests that move much.
pub(crate) const KINDS: [Design; 3] = [Design::EventPolled, SLEEPING, Design::Hybrid];

/// One whose threads sleep in queues of their own: on shards, where the system spreads peers over them.
const SLEEPING: Design = if cfg!(target_os = "linux") { Design::ShardedEvent } else { Design::Event };

/// Whether a server can have it here; a line says why not.
pub(crate) fn is_offered(design: &Design) -> bool {
    let refusal = design.refusal();
    refusal.iter().for_each(|why| eprintln!("skipped: {design}: {why}"));
    refusal.is_none()
}
