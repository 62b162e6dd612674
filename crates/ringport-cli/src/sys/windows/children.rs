//! Starting children.

use std::os::windows::process::CommandExt;
use std::process::Command;

use windows_sys::Win32::System::Threading::CREATE_NEW_PROCESS_GROUP;

/// Gives the child a group of its own: Ctrl-C at the console is for the driver, which then ends its children in order.
pub(crate) fn set_apart(command: &mut Command) -> &mut Command {
    command.creation_flags(CREATE_NEW_PROCESS_GROUP)
}
