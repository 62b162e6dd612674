//! Tests that change their whole process (limits, filters, environment) or count what it has: each runs in
//! a process of its own, which is this test program started again for that one test.

#[cfg(target_os = "linux")]
#[path = "namespaces.rs"]
mod namespaces;

use std::io::{self, Read};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The variable that marks such a process.
pub(crate) const INSIDE: &str = "RINGPORT_TEST_CHILD";

static STARTING: Mutex<()> = Mutex::new(());

/// While it is held no child is between its fork and its program. In between, a child has copies of all descriptors
/// of this process, so sockets that were closed here are open there, and their addresses taken. Starting a child
/// returns while it still has them: the system lets go of the parent first, and then of what an exec closes.
pub(crate) fn no_child_starts() -> MutexGuard<'static, ()> {
    STARTING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether this process was started by [`Child::run`].
pub(crate) fn inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// How the test program is to be started again.
pub(crate) struct Child(Command);

impl Child {
    /// For the test of this name; `backend` is what `RINGPORT_BACKEND` says there.
    pub(crate) fn new(test: &str, backend: Option<&str>) -> Child {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([test, "--exact", "--nocapture", "--test-threads=1"]).env(INSIDE, "1");
        match backend {
            Some(word) => command.env("RINGPORT_BACKEND", word),
            None => command.env_remove("RINGPORT_BACKEND"),
        };
        Child(command)
    }

    /// Runs it to its end, and fails if the test in there failed.
    pub(crate) fn run(self) -> Output {
        self.try_run().unwrap()
    }

    /// Fails with the system's error if it could not even be started.
    pub(crate) fn try_run(mut self) -> io::Result<Output> {
        self.0.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let starting = no_child_starts();
        let mut child = self.0.spawn()?;
        // Its first word, or its end, tells that it is past that.
        let mut first = Vec::new();
        if let Some(said) = child.stdout.as_mut() {
            said.take(1).read_to_end(&mut first)?;
        }
        drop(starting);
        let mut output = child.wait_with_output()?;
        output.stdout.splice(..0, first);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(
            output.status.success() && text(&output.stdout).contains("1 passed"),
            "{}\n{}\n{}",
            output.status,
            text(&output.stdout),
            text(&output.stderr)
        );
        // What it could not try is said where somebody reads it.
        let said = text(&output.stderr);
        said.lines().filter(|line| line.starts_with("skipped")).for_each(|line| eprintln!("{line}"));
        Ok(output)
    }
}
