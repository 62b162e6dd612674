//! What the behaviour tests share: running a test on each backend, a socket with its queues, and waiting.
//!
//! ```text
//!   client (plain socket) ──► rig.socket ──► rig.requests ──► rig.queue ──► rig.take(n)
//! ```

pub(crate) mod backends;
pub(crate) mod child;
#[cfg(target_os = "linux")]
pub(crate) mod device;
pub(crate) mod families;
pub(crate) mod flood;
pub(crate) mod lonely;
pub(crate) mod nobody;
pub(crate) mod owned;
#[path = "../../src/random.rs"]
#[expect(dead_code, reason = "the unit tests of the library use all of it, these tests a part")]
mod random;
pub(crate) mod rig;
#[cfg(target_os = "linux")]
pub(crate) mod seccomp;
pub(crate) mod system;
#[cfg(target_os = "linux")]
pub(crate) mod tap;
mod until;

use ringport::BackendChoice;

pub(crate) use backends::on_each_backend;
pub(crate) use random::Random;
pub(crate) use until::{PATIENCE, until};

/// Runs a test of a backend in a process of its own, or prints why it cannot run here.
pub(crate) fn in_a_child(name: &str, choice: BackendChoice, test: fn(BackendChoice)) {
    if child::inside() {
        // The first thing that this process does with the library, so what that tries once is tried in there.
        return test(choice);
    }
    match backends::refusal(choice) {
        None => drop(child::Child::new(name, None).run()),
        Some(refusal) => eprintln!("skipped: {refusal}"),
    }
}
