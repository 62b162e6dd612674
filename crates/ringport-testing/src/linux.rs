//! Signals.

use std::io;
use std::process::{Child, Command};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A signal goes to one process, so there is nothing to prepare.
pub fn prepare(command: &mut Command) -> &mut Command {
    command
}

/// Starts a child that writes where this process does.
pub fn spawn(command: &mut Command) -> io::Result<Child> {
    command.spawn()
}

/// Asks for the end, in as many ways as there are: Ctrl-C, and a polite kill.
pub const WAYS_TO_STOP: [fn(&Child); 2] =
    [|child| send(child, Signal::SIGINT), |child| send(child, Signal::SIGTERM)];

fn send(child: &Child, signal: Signal) {
    kill(Pid::from_raw(child.id() as i32), signal).unwrap();
}
