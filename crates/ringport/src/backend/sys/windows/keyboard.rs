//! Ctrl-C pressed at the console of another process, as a user would: for tests.

use std::io;
use std::sync::{Mutex, PoisonError};

use windows_sys::Win32::System::Console::{
    AttachConsole, CTRL_C_EVENT, FreeConsole, GenerateConsoleCtrlEvent, GetStdHandle, STD_ERROR_HANDLE,
    STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, SetConsoleCtrlHandler, SetStdHandle,
};
use windows_sys::core::BOOL;

/// A process has one console at a time, and the handles of its input and output may be those of another one meanwhile.
static TURN: Mutex<()> = Mutex::new(());

/// Presses Ctrl-C at the console of this process. All processes of that console are told, and this one leaves its own.
pub fn press_ctrl_c(process: u32) -> io::Result<()> {
    alone(|| {
        const ALL: [u32; 3] = [STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE];
        // SAFETY: the call takes a number.
        let before = ALL.map(|name| (name, unsafe { GetStdHandle(name) }));
        let pressed = visit(process);
        for (name, handle) in before {
            // SAFETY: the handle is the one that this process had there before.
            unsafe { SetStdHandle(name, handle) };
        }
        pressed
    })
}

/// Does something while it is not pressed: what takes over the input and output of this process.
pub fn alone<T>(work: impl FnOnce() -> T) -> T {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    work()
}

fn visit(process: u32) -> io::Result<()> {
    // SAFETY: the calls take numbers, and a function that is there whenever it is called.
    unsafe {
        checked(SetConsoleCtrlHandler(Some(unmoved), 1))?;
        FreeConsole();
        checked(AttachConsole(process))?;
        // Group 0 is all processes of the console.
        let pressed = checked(GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0));
        FreeConsole();
        pressed
    }
}

fn checked(returned: BOOL) -> io::Result<()> {
    if returned == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// This process shares the console for that moment, and is not to end.
unsafe extern "system" fn unmoved(_event: u32) -> BOOL {
    1
}
