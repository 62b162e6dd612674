//! Consoles: each child has one of its own, without a window, to which this process goes to press Ctrl-C.

use std::io;
use std::os::windows::process::CommandExt;
use std::process::{Child, Command};

use ringport::backend::tool::{alone, press_ctrl_c};

/// From the documentation of CreateProcess.
const CREATE_NO_WINDOW: u32 = 0x0800_0000;

/// Gives the child a console of its own, for Ctrl-C goes to all processes of a console.
pub fn prepare(command: &mut Command) -> &mut Command {
    command.creation_flags(CREATE_NO_WINDOW)
}

/// Starts a child that writes where this process does.
pub fn spawn(command: &mut Command) -> io::Result<Child> {
    alone(|| prepare(command).spawn())
}

/// Asks for the end, in as many ways as there are: Ctrl-C.
pub const WAYS_TO_STOP: [fn(&Child); 1] = [|child| press_ctrl_c(child.id()).unwrap()];
