//! What the library has to say without being asked, once each.
//!
//! A few things go on with a step down instead of an error: io_uring is refused and epoll takes over, or
//! memory cannot be locked. A user should know, so each such fact is told once a process, as one line on
//! standard error, unless a program takes it over with [`set_listener`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, OnceLock};

type Listener = Box<dyn Fn(&str) + Send + Sync>;

static LISTENER: OnceLock<Listener> = OnceLock::new();
static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Takes over what would go to standard error. The first call counts; it says whether this was it.
///
/// It is called on the thread that has something to say, which may be one of the library's own. A panic of it ends
/// nothing.
///
/// ```
/// ringport::notice::set_listener(|message| eprintln!("from ringport: {message}"));
/// ```
pub fn set_listener(listener: impl Fn(&str) + Send + Sync + 'static) -> bool {
    LISTENER.set(Box::new(listener)).is_ok()
}

/// Says something, unless it was said before.
pub(crate) fn say(message: &str) {
    {
        let mut said = SAID.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if said.iter().any(|earlier| earlier == message) {
            return;
        }
        said.push(message.to_owned());
    }
    match LISTENER.get() {
        // It may be called by threads of the library's own, for which others wait: its panic ends here.
        Some(listener) => drop(catch_unwind(AssertUnwindSafe(|| listener(message)))),
        None => {
            use std::io::Write;
            // Nobody is left to tell when standard error is gone.
            let _ = writeln!(std::io::stderr(), "ringport: {message}");
        }
    }
}
