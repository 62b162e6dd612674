//! The limits of Linux.

use std::io;

use crate::backend::sys::errno;

/// Empty where there is nothing to advise.
pub(crate) fn advice(error: &io::Error) -> &'static str {
    match error.raw_os_error() {
        Some(errno::EMFILE) => "; raise the limit of open files (ulimit -n, LimitNOFILE=)",
        Some(errno::ENFILE) => "; raise fs.file-max",
        Some(errno::ENOMEM) => "; raise the limit of locked memory (ulimit -l, LimitMEMLOCK=) or use less",
        Some(errno::ENOSPC) => "; raise fs.epoll.max_user_watches",
        _ => "",
    }
}

/// The same where a thread may have been started, which has a limit of its own.
pub(crate) fn advice_on_threads(error: &io::Error) -> &'static str {
    match error.raw_os_error() {
        Some(errno::EAGAIN) => "; raise the limit of threads (ulimit -u, TasksMax=)",
        _ => advice(error),
    }
}
