//! Signals.

use std::process::{Child, Command};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Makes a test of each function for each backend that this machine has.
macro_rules! on_each_backend {
    ($($name:ident),* $(,)?) => {
        $(mod $name {
            #[test]
            fn uring() {
                $crate::rig::on_backend("uring", super::$name);
            }
            #[test]
            fn epoll() {
                $crate::rig::on_backend("epoll", super::$name);
            }
        })*
    };
}
pub(crate) use on_each_backend;

/// A signal goes to one process.
pub(crate) fn set_apart(_command: &mut Command) {}

/// Asks for the end, in as many ways as there are.
pub(crate) const WAYS_TO_STOP: [fn(&Child); 2] =
    [|child| send(child, Signal::SIGINT), |child| send(child, Signal::SIGTERM)];

fn send(child: &Child, signal: Signal) {
    kill(Pid::from_raw(child.id() as i32), signal).unwrap();
}
