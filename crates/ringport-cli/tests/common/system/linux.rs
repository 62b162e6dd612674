//! Signals.

use std::process::{Child, Command};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

pub(crate) const BACKENDS: [&str; 2] = ["uring", "epoll"];

/// A signal goes to one process.
pub(crate) fn set_apart(_command: &mut Command) {}

/// Does what Ctrl-C does.
pub(crate) fn interrupt(child: &Child) {
    kill(Pid::from_raw(child.id() as i32), Signal::SIGINT).unwrap();
}
