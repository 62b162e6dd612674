//! A storm of signals: a thread that interrupts all others of the process, as often as it can.
//!
//! The handler is an ordinary one, and no call is taken up again by the system (no `SA_RESTART`), so whatever sleeps
//! ends with `EINTR`.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;

static HANDLED: AtomicU64 = AtomicU64::new(0);
static OVER: AtomicBool = AtomicBool::new(false);

extern "C" fn count(_signal: libc::c_int) {
    HANDLED.fetch_add(1, Ordering::Relaxed);
}

/// Begins with `begin`; ends when dropped.
pub(crate) struct Storm(Option<JoinHandle<()>>);

/// The number of the calling thread.
pub(crate) fn this_thread() -> libc::pid_t {
    // SAFETY: the call takes no pointer.
    unsafe { libc::gettid() }
}

impl Storm {
    /// Interrupts all threads but this one of the test, whose calls are not what is tried.
    pub(crate) fn begin(spared: Option<libc::pid_t>) -> Storm {
        // SAFETY: a plain C structure; all zeroes is a valid value, and means no flags and an empty mask.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = count as extern "C" fn(libc::c_int) as libc::sighandler_t;
        // SAFETY: the action outlives the call, and its handler only adds to an atomic number.
        let set = unsafe { libc::sigaction(libc::SIGUSR1, &action, std::ptr::null_mut()) };
        assert_eq!(set, 0);
        OVER.store(false, Ordering::Relaxed);
        Storm(Some(std::thread::spawn(move || rage(spared))))
    }

    /// How many signals were handled so far.
    pub(crate) fn handled() -> u64 {
        HANDLED.load(Ordering::Relaxed)
    }
}

impl Drop for Storm {
    fn drop(&mut self) {
        OVER.store(true, Ordering::Relaxed);
        let ended = self.0.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || matches!(ended, Some(Ok(()))));
    }
}

fn rage(spared: Option<libc::pid_t>) {
    let this = this_thread();
    while !OVER.load(Ordering::Relaxed) {
        for entry in std::fs::read_dir("/proc/self/task").unwrap().map(Result::unwrap) {
            let thread: libc::pid_t = entry.file_name().to_str().unwrap().parse().unwrap();
            if thread != this && Some(thread) != spared {
                // SAFETY: the call takes no pointer; a thread that has ended meanwhile is none of this process.
                unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), thread, libc::SIGUSR1) };
            }
        }
        std::thread::yield_now();
    }
}
