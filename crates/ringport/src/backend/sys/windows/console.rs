//! What the console of a process tells it: keys that are to end it, and that the console itself ends.

use std::io;
use std::sync::{Mutex, OnceLock, PoisonError};

use windows_sys::Win32::System::Console::{
    CTRL_BREAK_EVENT, CTRL_C_EVENT, CTRL_CLOSE_EVENT, CTRL_LOGOFF_EVENT, CTRL_SHUTDOWN_EVENT,
    SetConsoleCtrlHandler,
};
use windows_sys::core::BOOL;

/// What was told: `CTRL_C_EVENT` and its likes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Event(u32);

impl Event {
    /// The event of this number, if it is one of those that end a process.
    pub(crate) fn new(number: u32) -> Option<Event> {
        let all = [CTRL_C_EVENT, CTRL_BREAK_EVENT, CTRL_CLOSE_EVENT, CTRL_LOGOFF_EVENT, CTRL_SHUTDOWN_EVENT];
        all.contains(&number).then_some(Event(number))
    }

    /// Its number.
    pub(crate) fn number(self) -> i32 {
        self.0 as i32
    }

    /// The system ends the process as soon as it has been told, whatever that does: all but the keys.
    pub(crate) fn ends_the_process(self) -> bool {
        !matches!(self.0, CTRL_C_EVENT | CTRL_BREAK_EVENT)
    }
}

/// Who is told, on a thread that the system makes for it; returns whether it has dealt with the event.
pub(crate) type Listener = fn(Event) -> bool;

static LISTENER: OnceLock<Listener> = OnceLock::new();

/// Has `listener` told from now on, before all who asked earlier and before the system does what it does by default.
/// There is one, the first; it stays, because the system may hold a lock of its own while it calls handlers, behind
/// which taking one away would wait for its end.
pub(crate) fn listen(listener: Listener) -> io::Result<()> {
    static PLACED: Mutex<bool> = Mutex::new(false);
    LISTENER.get_or_init(|| listener);
    let mut placed = PLACED.lock().unwrap_or_else(PoisonError::into_inner);
    if !*placed {
        // SAFETY: the handler is a function, so it is there whenever it is called.
        if unsafe { SetConsoleCtrlHandler(Some(handler), 1) } == 0 {
            return Err(io::Error::last_os_error());
        }
        *placed = true;
    }
    Ok(())
}

unsafe extern "system" fn handler(event: u32) -> BOOL {
    BOOL::from(LISTENER.get().zip(Event::new(event)).is_some_and(|(listener, event)| listener(event)))
}
