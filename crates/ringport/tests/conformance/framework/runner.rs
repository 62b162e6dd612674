//! One row, once: on a thread of its own, so that whatever happens in it is a result.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::time::Duration;

use super::backends::Backend;
use super::world::World;

/// How long rows wait that have no reason to wait long.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// How long a row waits that is about to fail, because its rule is broken.
pub(super) const LITTLE_PATIENCE: Duration = Duration::from_millis(400);
/// A row that takes longer waits for something without an end.
const LONGEST: Duration = Duration::from_secs(90);
/// Characters of a message that are kept: some values that differ are long.
const LONGEST_MESSAGE: usize = 1000;

thread_local! {
    /// What the row of this thread has failed with; `None` on threads of no row.
    static FAILURE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// How a row ended that did not pass.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Failure {
    /// An assertion failed, with this message.
    Failed(String),
    /// It did not come to an end.
    Hangs,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Failed(message) => formatter.write_str(message),
            Failure::Hangs => write!(formatter, "it hangs: nothing after {LONGEST:?}"),
        }
    }
}

/// Has panics on threads of rows remembered instead of printed: many are wanted.
pub(super) fn catch_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let of_a_row = FAILURE.with_borrow_mut(|failure| {
            failure.as_mut().map(|failure| {
                // The first one is the reason, the others follow from it.
                if failure.is_empty() {
                    *failure = panic.to_string().chars().take(LONGEST_MESSAGE).collect();
                }
            })
        });
        if of_a_row.is_none() {
            before(panic);
        }
    }));
}

/// Runs a row to its end.
pub(super) fn run(
    test: fn(&World),
    backend: &'static Backend,
    broken: Option<&str>,
    patience: Duration,
) -> Result<(), Failure> {
    let world = World::new(backend, broken, patience);
    let (tell, told) = mpsc::channel();
    let thread = std::thread::Builder::new().name("row".to_owned()).spawn(move || {
        FAILURE.set(Some(String::new()));
        let passed = catch_unwind(AssertUnwindSafe(|| test(&world))).is_ok();
        // Nobody listens any more when it took too long.
        let _ = tell.send(if passed { Ok(()) } else { Err(FAILURE.take().unwrap_or_default()) });
    });
    let thread = thread.expect("a thread for a row");
    match told.recv_timeout(LONGEST) {
        Ok(result) => {
            // Its thread ends now, and with it all that it owns.
            let _ = thread.join();
            result.map_err(Failure::Failed)
        }
        Err(_) => Err(Failure::Hangs),
    }
}
