//! Catching system calls: while a trap is set, the kernel sends a signal instead of running a call.
//!
//! ```text
//!   selector byte = BLOCK ──► any system call of this thread ──► SIGSYS ──► counted, selector = ALLOW
//! ```
//!
//! So a piece of code that runs through makes none at all, whatever it reports of itself. The first call
//! that is caught opens the trap, since the code cannot go on properly without it.

use std::cell::Cell;
use std::io;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

const DISPATCH: libc::c_int = 59;
const DISPATCH_OFF: libc::c_ulong = 0;
const DISPATCH_ON: libc::c_ulong = 1;
/// No address range is let through.
const NOTHING: libc::c_ulong = 0;
const ALLOW: u8 = 0;
const BLOCK: u8 = 1;

static SELECTOR: AtomicU8 = AtomicU8::new(ALLOW);
static CAUGHT: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static SET_UP: Cell<bool> = const { Cell::new(false) };
}

/// Called instead of the system call.
extern "C" fn caught(_signal: libc::c_int) {
    SELECTOR.store(ALLOW, Ordering::SeqCst);
    CAUGHT.fetch_add(1, Ordering::SeqCst);
}

/// Runs `work` and says whether it made a system call; an error where the kernel has no such trap.
pub(crate) fn makes_a_system_call(work: impl FnOnce()) -> io::Result<bool> {
    if !SET_UP.get() {
        let handler: extern "C" fn(libc::c_int) = caught;
        // SAFETY: the handler only touches atomics.
        if unsafe { libc::signal(libc::SIGSYS, handler as libc::sighandler_t) } == libc::SIG_ERR {
            return Err(io::Error::last_os_error());
        }
        SET_UP.set(true);
    }
    dispatch(DISPATCH_ON)?;
    let before = CAUGHT.load(Ordering::SeqCst);
    SELECTOR.store(BLOCK, Ordering::SeqCst);
    work();
    SELECTOR.store(ALLOW, Ordering::SeqCst);
    dispatch(DISPATCH_OFF)?;
    Ok(CAUGHT.load(Ordering::SeqCst) != before)
}

fn dispatch(mode: libc::c_ulong) -> io::Result<()> {
    let selector = if mode == DISPATCH_ON { SELECTOR.as_ptr() } else { std::ptr::null_mut() };
    // SAFETY: the kernel reads the selector, a static byte, at each system call of this thread.
    if unsafe { libc::prctl(DISPATCH, mode, NOTHING, NOTHING, selector) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
