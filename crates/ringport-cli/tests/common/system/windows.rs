//! Consoles: each child has one of its own, without a window, to which this process goes to press Ctrl-C.

use std::os::windows::process::CommandExt;
use std::process::{Child, Command};
use std::sync::Mutex;

use windows_sys::Win32::System::Console::{
    AttachConsole, CTRL_C_EVENT, FreeConsole, GenerateConsoleCtrlEvent, GetStdHandle, STD_ERROR_HANDLE,
    STD_OUTPUT_HANDLE, SetConsoleCtrlHandler, SetStdHandle,
};
use windows_sys::Win32::System::Threading::CREATE_NO_WINDOW;
use windows_sys::core::BOOL;

pub(crate) const BACKENDS: [&str; 2] = ["rio", "overlapped"];

/// Ctrl-C goes to all processes of a console.
pub(crate) fn set_apart(command: &mut Command) {
    command.creation_flags(CREATE_NO_WINDOW);
}

/// Does what Ctrl-C does.
pub(crate) fn interrupt(child: &Child) {
    // A process has one console at a time.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock();
    // SAFETY: the calls take numbers, and a function that is there whenever it is called.
    unsafe {
        // What this process prints goes where it went before.
        let outputs = [STD_OUTPUT_HANDLE, STD_ERROR_HANDLE].map(|name| (name, GetStdHandle(name)));
        SetConsoleCtrlHandler(Some(unmoved), 1);
        FreeConsole();
        assert_ne!(AttachConsole(child.id()), 0, "{}", std::io::Error::last_os_error());
        assert_ne!(GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0), 0, "{}", std::io::Error::last_os_error());
        FreeConsole();
        outputs.iter().for_each(|(name, handle)| _ = SetStdHandle(*name, *handle));
    }
}

/// This process shares the console for that moment, and is not to end.
unsafe extern "system" fn unmoved(_event: u32) -> BOOL {
    1
}
