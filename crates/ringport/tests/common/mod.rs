//! What the behaviour tests share: running a test on each backend, a socket with its queues, and waiting.
//!
//! ```text
//!   client (plain socket) ──► rig.socket ──► rig.requests ──► rig.queue ──► rig.take(n)
//! ```

pub(crate) mod child;
pub(crate) mod device;
pub(crate) mod families;
pub(crate) mod flood;
pub(crate) mod owned;
#[path = "../../src/random.rs"]
#[expect(dead_code, reason = "the unit tests of the library use all of it, these tests a part")]
mod random;
pub(crate) mod rig;
pub(crate) mod seccomp;
pub(crate) mod tap;
mod until;

use ringport::BackendChoice;

pub(crate) use random::Random;
pub(crate) use until::{PATIENCE, until};

/// Makes two tests, `name::uring` and `name::epoll`, of each function that takes a [`BackendChoice`].
macro_rules! on_each_backend {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[test]
            fn uring() {
                $crate::common::run(ringport::BackendChoice::Uring, super::$name);
            }

            #[test]
            fn epoll() {
                $crate::common::run(ringport::BackendChoice::Epoll, super::$name);
            }
        }
    )+};
}
pub(crate) use on_each_backend;

/// Runs `test` on a backend, or prints why that cannot run here.
pub(crate) fn run(choice: BackendChoice, test: fn(BackendChoice)) {
    match ringport::backend::explain(choice) {
        Ok(_) => test(choice),
        Err(error) => eprintln!("skipped: {error}"),
    }
}
