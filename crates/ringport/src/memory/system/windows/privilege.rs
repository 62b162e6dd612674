//! The privilege that large pages want: an administrator grants it to a user, and a program has to switch it on.

use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr::{null, null_mut};
use windows_sys::Win32::Foundation::{ERROR_NOT_ALL_ASSIGNED, LUID};
use windows_sys::Win32::Security::{
    AdjustTokenPrivileges, LUID_AND_ATTRIBUTES, LookupPrivilegeValueW, SE_LOCK_MEMORY_NAME,
    SE_PRIVILEGE_ENABLED, TOKEN_ADJUST_PRIVILEGES, TOKEN_PRIVILEGES, TOKEN_QUERY,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// Switches `SeLockMemoryPrivilege` on for the process, where it was granted. It stays on.
pub(crate) fn enable_lock_memory() -> io::Result<()> {
    let mut luid = LUID { LowPart: 0, HighPart: 0 };
    // SAFETY: the name is a constant that ends in a zero, and `luid` is valid for writing.
    if unsafe { LookupPrivilegeValueW(null(), SE_LOCK_MEMORY_NAME, &mut luid) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let token = own_token()?;
    let privileges = TOKEN_PRIVILEGES {
        PrivilegeCount: 1,
        Privileges: [LUID_AND_ATTRIBUTES { Luid: luid, Attributes: SE_PRIVILEGE_ENABLED }],
    };
    // SAFETY: the token is open, `privileges` holds as many as it says, and nothing is asked for in return.
    let adjusted =
        unsafe { AdjustTokenPrivileges(token.as_raw_handle(), 0, &privileges, 0, null_mut(), null_mut()) };
    // It succeeds also where the privilege was not granted, and says so in the error.
    let error = io::Error::last_os_error();
    if adjusted == 0 || error.raw_os_error() == Some(ERROR_NOT_ALL_ASSIGNED as i32) {
        return Err(error);
    }
    Ok(())
}

fn own_token() -> io::Result<OwnedHandle> {
    let mut token = null_mut();
    // SAFETY: the process is this one, and `token` is valid for writing.
    if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, &mut token) }
        == 0
    {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle is new and nobody else owns it.
    Ok(unsafe { OwnedHandle::from_raw_handle(token) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_switched_on_or_was_not_granted() {
        match enable_lock_memory() {
            Ok(()) => enable_lock_memory().unwrap(),
            Err(error) => assert_eq!(error.raw_os_error(), Some(ERROR_NOT_ALL_ASSIGNED as i32), "{error}"),
        }
    }
}
