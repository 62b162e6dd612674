//! Processes of tests in namespaces of their own: of Linux only, which has them.

use std::io;
use std::os::unix::process::CommandExt;

use super::Child;

impl Child {
    /// In namespaces of its own (`CLONE_NEWNET`, `CLONE_NEWNS`), as their master, whoever we are outside.
    pub(crate) fn in_namespaces(mut self, namespaces: i32) -> Child {
        // SAFETY: these calls take no pointer.
        let (user, group) = unsafe { (libc::geteuid(), libc::getegid()) };
        let files = [
            (c"/proc/self/setgroups", "deny".to_owned()),
            (c"/proc/self/uid_map", format!("0 {user} 1")),
            (c"/proc/self/gid_map", format!("0 {group} 1")),
        ];
        let enter = move || {
            // SAFETY: the call takes no pointer, and this process has one thread.
            if unsafe { libc::unshare(libc::CLONE_NEWUSER | namespaces) } < 0 {
                return Err(io::Error::last_os_error());
            }
            for (path, text) in &files {
                // SAFETY: the path ends with a zero and the text is valid for its length; both outlive the
                // calls. The descriptor is closed with the process at the latest.
                let written = unsafe {
                    let file = libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
                    libc::write(file, text.as_ptr().cast(), text.len())
                };
                if written < 0 {
                    return Err(io::Error::last_os_error());
                }
            }
            Ok(())
        };
        // SAFETY: between fork and exec it makes system calls only; nothing is allocated.
        unsafe { self.0.pre_exec(enter) };
        self
    }
}
