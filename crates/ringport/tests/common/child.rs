//! Tests that change their whole process (limits, filters, environment) or count what it has: each runs in
//! a process of its own, which is this test program started again for that one test.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The variable that marks such a process.
pub(crate) const INSIDE: &str = "RINGPORT_TEST_CHILD";

static STARTING: Mutex<()> = Mutex::new(());

/// While it is held no child is between its fork and its program. In between, a child has copies of all descriptors
/// of this process, so sockets that were closed here are open there, and their addresses taken.
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

    /// In namespaces of its own (`CLONE_NEWNET`, `CLONE_NEWNS`), as their master, whoever we are outside.
    pub(crate) fn in_namespaces(mut self, namespaces: i32) -> Child {
        // SAFETY: these calls take no pointer.
        let (user, group) = unsafe { (libc::geteuid(), libc::getegid()) };
        let files = [
            (c"/proc/self/setgroups", "deny".to_owned()),
            (c"/proc/self/uid_map", format!("0 {user} 1")),
            (c"/proc/self/gid_map", format!("0 {group} 1")),
        ];
        let enter = move || {
            // SAFETY: the call takes no pointer, and this process has one thread.
            if unsafe { libc::unshare(libc::CLONE_NEWUSER | namespaces) } < 0 {
                return Err(io::Error::last_os_error());
            }
            for (path, text) in &files {
                // SAFETY: the path ends with a zero and the text is valid for its length; both outlive the
                // calls. The descriptor is closed with the process at the latest.
                let written = unsafe {
                    let file = libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
                    libc::write(file, text.as_ptr().cast(), text.len())
                };
                if written < 0 {
                    return Err(io::Error::last_os_error());
                }
            }
            Ok(())
        };
        // SAFETY: between fork and exec it makes system calls only; nothing is allocated.
        unsafe { self.0.pre_exec(enter) };
        self
    }

    /// Runs it to its end, and fails if the test in there failed.
    pub(crate) fn run(self) -> Output {
        self.try_run().unwrap()
    }

    /// Fails with the system's error if it could not even be started.
    pub(crate) fn try_run(mut self) -> io::Result<Output> {
        self.0.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let starting = no_child_starts();
        let child = self.0.spawn();
        drop(starting);
        let output = child?.wait_with_output()?;
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

/// How many descriptors this process has open.
pub(crate) fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Takes all descriptors that this process may have but so many, until the result is dropped.
pub(crate) fn allow(more: usize) -> Vec<std::fs::File> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is valid during the calls, for writing in the first.
    let set = unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
        limit.rlim_cur = 400;
        libc::setrlimit(libc::RLIMIT_NOFILE, &limit)
    };
    assert_eq!(set, 0);
    let mut taken: Vec<_> = std::iter::from_fn(|| std::fs::File::open("/dev/null").ok()).collect();
    taken.truncate(taken.len() - more);
    taken
}
