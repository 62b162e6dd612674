//! Consoles: each child has one of its own, without a window, to which this process goes to press Ctrl-C.

use std::os::windows::fs::FileExt;
use std::os::windows::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::Mutex;

use windows_sys::Win32::System::Console::{
    AttachConsole, CTRL_C_EVENT, FreeConsole, GenerateConsoleCtrlEvent, GetStdHandle, STD_ERROR_HANDLE,
    STD_OUTPUT_HANDLE, SetConsoleCtrlHandler, SetStdHandle,
};
use windows_sys::Win32::System::Threading::CREATE_NO_WINDOW;
use windows_sys::core::BOOL;

/// Makes a test of each function for each backend that this machine has.
macro_rules! on_each_backend {
    ($($name:ident),* $(,)?) => {
        $(mod $name {
            #[test]
            fn rio() {
                $crate::rig::on_backend("rio", super::$name);
            }
            #[test]
            fn overlapped() {
                $crate::rig::on_backend("overlapped", super::$name);
            }
        })*
    };
}
pub(crate) use on_each_backend;

/// Ctrl-C goes to all processes of a console.
pub(crate) fn set_apart(command: &mut Command) {
    command.creation_flags(CREATE_NO_WINDOW);
}

/// Asks for the end, in as many ways as there are.
pub(crate) const WAYS_TO_STOP: [fn(&Child); 1] = [press_ctrl_c];

fn press_ctrl_c(child: &Child) {
    // A process has one console at a time.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock();
    // SAFETY: the calls take numbers, handles of this process, and a function that is there whenever it is called.
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

/// Whether a site has links, and a pipe.
pub(crate) const HAS_LINKS: bool = false;

/// Links need a right that hardly any user has, and there are no pipes in directories.
pub(crate) fn fill(_site: &Path) {}

/// Writes at a place of a file.
pub(crate) fn write_at(file: &std::fs::File, bytes: &[u8], offset: u64) {
    assert_eq!(file.seek_write(bytes, offset).unwrap(), bytes.len());
}
