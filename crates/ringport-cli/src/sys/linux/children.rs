//! Starting children.

use std::os::unix::process::CommandExt;
use std::process::Command;

/// Gives the child a group of its own: Ctrl-C at the terminal is for the driver, which then ends its children in order.
pub(crate) fn set_apart(command: &mut Command) -> &mut Command {
    command.process_group(0)
}
