//! The limits of Windows.

use std::io;

use windows_sys::Win32::Foundation::{
    ERROR_COMMITMENT_LIMIT, ERROR_NO_SYSTEM_RESOURCES, ERROR_NOT_ENOUGH_MEMORY, ERROR_WORKING_SET_QUOTA,
};
use windows_sys::Win32::Networking::WinSock::{WSAEMFILE, WSAENOBUFS, WSAEPROVIDERFAILEDINIT};

const NO_MEMORY: i32 = ERROR_NOT_ENOUGH_MEMORY as i32;
const NO_RESOURCES: i32 = ERROR_NO_SYSTEM_RESOURCES as i32;
const COMMITMENT: i32 = ERROR_COMMITMENT_LIMIT as i32;
const WORKING_SET: i32 = ERROR_WORKING_SET_QUOTA as i32;

/// Empty where there is nothing to advise.
pub(crate) fn advice(error: &io::Error) -> &'static str {
    match error.raw_os_error() {
        Some(WSAEMFILE) => "; the process has as many sockets as it may: close some",
        Some(WSAENOBUFS) => {
            "; the system has no memory for sockets, or no free port: use fewer, or raise the range of ports \
             (netsh int ipv4 set dynamicport)"
        }
        Some(WORKING_SET) => {
            "; raise the working set of the process (SetProcessWorkingSetSizeEx) or use less"
        }
        Some(COMMITMENT) => "; raise the size of the page file or use less",
        Some(NO_MEMORY | NO_RESOURCES) => "; the system has no memory to give: use less, or add some",
        Some(WSAEPROVIDERFAILEDINIT) => "; the program needs the environment variable SystemRoot for sockets",
        _ => "",
    }
}

/// The same where a thread may have been started: it has no limit of its own, but it needs memory.
pub(crate) fn advice_on_threads(error: &io::Error) -> &'static str {
    advice(error)
}
