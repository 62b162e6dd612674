//! The backends of this system, and the tests that are made for each of them: the only place that lists them.
//!
//! ```text
//!   on_each_backend!(name) ──► name::uring, name::epoll        (Linux)
//!                          └─► name::overlapped, name::rio     (Windows)
//! ```

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

use ringport::BackendChoice;
use ringport::backend::BackendError;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(windows)]
use windows as system;

pub(crate) use system::{ALL, tests_of};

/// Makes a test for each backend of each function; the test calls what is after `by` with its own name, the backend
/// and the function.
macro_rules! on_each_backend {
    (by $run:path: $($name:ident),+ $(,)?) => {
        $($crate::backends::tests_of!(by $run: $name);)+
    };
    ($($name:ident),+ $(,)?) => {
        $crate::backends::on_each_backend!(by $crate::backends::run: $($name),+);
    };
}
pub(crate) use on_each_backend;

/// Why a backend cannot run here, if so.
pub(crate) fn refusal(choice: BackendChoice) -> Option<BackendError> {
    ringport::backend::explain(choice).err()
}

/// Those that can run here; a line says why of the others.
pub(crate) fn present() -> impl Iterator<Item = BackendChoice> {
    ALL.iter().copied().filter(|choice| {
        let refusal = refusal(*choice);
        refusal.iter().for_each(|refusal| eprintln!("skipped: {choice}: {refusal}"));
        refusal.is_none()
    })
}

/// Runs `test` on a backend, or prints why that cannot run here.
pub(crate) fn run(_name: &str, choice: BackendChoice, test: fn(BackendChoice)) {
    match refusal(choice) {
        None => test(choice),
        Some(refusal) => eprintln!("skipped: {refusal}"),
    }
}

/// The name of a test as its program knows it: without the program's own.
pub(crate) fn test_name(path: &str) -> &str {
    path.split_once("::").map_or(path, |(_, name)| name)
}
