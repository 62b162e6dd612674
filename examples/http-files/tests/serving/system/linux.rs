//! Signals, and what only directories of Linux hold.

use std::path::Path;
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

/// Whether a site has links, and a pipe.
pub(crate) const HAS_LINKS: bool = true;

/// Puts links into a directory, within it and out of it, and a pipe.
pub(crate) fn fill(site: &Path) {
    std::os::unix::fs::symlink("../secret.txt", site.join("out.txt")).unwrap();
    std::os::unix::fs::symlink("/", site.join("root")).unwrap();
    std::os::unix::fs::symlink("index.html", site.join("in.html")).unwrap();
    std::os::unix::fs::symlink("circle", site.join("circle")).unwrap();
    nix::unistd::mkfifo(&site.join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
}

/// Writes at a place of a file.
pub(crate) fn write_at(file: &std::fs::File, bytes: &[u8], offset: u64) {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset).unwrap();
}
