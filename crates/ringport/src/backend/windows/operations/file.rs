//! Files: `ReadFile` and `WriteFile` at an offset.

use std::ffi::c_void;
use std::io;
use std::mem::size_of;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle, RawHandle};
use std::ptr;

use windows_sys::Wdk::Foundation::{NtQueryObject, ObjectBasicInformation};
use windows_sys::Win32::Foundation::{ERROR_IO_PENDING, INVALID_HANDLE_VALUE, RtlNtStatusToDosError};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_OVERLAPPED, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE, ReOpenFile, ReadFile,
    SetFileCompletionNotificationModes, WriteFile,
};
use windows_sys::Win32::System::IO::OVERLAPPED;
use windows_sys::Win32::System::WindowsProgramming::{
    FILE_SKIP_COMPLETION_PORT_ON_SUCCESS, PUBLIC_OBJECT_BASIC_INFORMATION,
};

use super::begin::Issued;
use super::node::Flight;
use crate::backend::sys::errno;

/// The most that one call transfers; what is longer takes several.
pub(super) const PIECE: usize = 1 << 30;

/// Where a call goes on that has so much behind it; `None` for an offset that no file has.
pub(super) fn at(offset: u64, progress: usize) -> Option<u64> {
    // The last two offsets mean the end of the file and the place it is at, which nobody asked for.
    i64::try_from(offset.checked_add(progress as u64)?).ok()?;
    Some(offset + progress as u64)
}

/// # Safety
/// As of [`issue`](super::begin::issue), for all calls here.
pub(super) unsafe fn read(handle: RawHandle, flight: &mut Flight, overlapped: *mut OVERLAPPED) -> Issued {
    let Some(request) = flight.request.as_mut() else { return Issued::Failed(errno::EINVAL) };
    let (start, room) = request.buffer.room();
    let rest = room.saturating_sub(request.progress).min(PIECE);
    let start = start.wrapping_add(request.progress);
    // SAFETY: the request owns `room` bytes from its start, and has for as long as the system needs.
    let success = unsafe { ReadFile(handle, start, rest as u32, ptr::null_mut(), overlapped) };
    said(success != 0)
}

/// # Safety
/// As of [`issue`](super::begin::issue).
pub(super) unsafe fn write(handle: RawHandle, flight: &mut Flight, overlapped: *mut OVERLAPPED) -> Issued {
    let Some(request) = flight.request.as_mut() else { return Issued::Failed(errno::EINVAL) };
    let rest = request.buffer.bytes().get(request.progress..).unwrap_or_default();
    let length = rest.len().min(PIECE) as u32;
    // SAFETY: the request owns these bytes for as long as the system needs.
    let success = unsafe { WriteFile(handle, rest.as_ptr(), length, ptr::null_mut(), overlapped) };
    said(success != 0)
}

/// What a call said that returns whether it is done.
pub(super) fn said(success: bool) -> Issued {
    if success {
        return Issued::Done;
    }
    match io::Error::last_os_error().raw_os_error() {
        Some(error) if error == ERROR_IO_PENDING as i32 => Issued::Pending,
        error => Issued::Failed(error.unwrap_or(errno::EIO)),
    }
}

/// Tells the system to send no packets for what is done at once; whether it does so from now on, and for good.
///
/// # Safety
/// The handle is open.
pub(super) unsafe fn skip_on_success(handle: RawHandle) -> bool {
    // SAFETY: the caller says so.
    unsafe { SetFileCompletionNotificationModes(handle, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS as u8) != 0 }
}

/// Opens a file again, for overlapped operations and with the same rights. What belongs to the first handle stays
/// with it: where it is at, and what it has locked.
pub(super) fn reopen(file: BorrowedHandle<'_>) -> io::Result<OwnedHandle> {
    let rights = rights(file)?;
    let share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    // SAFETY: the handle is open for as long as it is borrowed.
    let again = unsafe { ReOpenFile(file.as_raw_handle(), rights, share, FILE_FLAG_OVERLAPPED) };
    if again == INVALID_HANDLE_VALUE {
        let error = io::Error::last_os_error();
        let text = format!(
            "the file cannot be opened once more for overlapped operations ({error}): open it with \
             FILE_FLAG_OVERLAPPED, or so that others may read, write and delete it"
        );
        return Err(io::Error::new(error.kind(), text));
    }
    // SAFETY: the handle is new and nobody else owns it.
    Ok(unsafe { OwnedHandle::from_raw_handle(again) })
}

/// What a handle may be used for. Whoever may write to a file may still have given a handle that reads.
fn rights(handle: BorrowedHandle<'_>) -> io::Result<u32> {
    let mut found = PUBLIC_OBJECT_BASIC_INFORMATION::default();
    let place: *mut c_void = (&raw mut found).cast();
    // SAFETY: the handle is open, and the place has room for as many bytes as stated.
    let status = unsafe {
        NtQueryObject(
            handle.as_raw_handle(),
            ObjectBasicInformation,
            place,
            size_of::<PUBLIC_OBJECT_BASIC_INFORMATION>() as u32,
            ptr::null_mut(),
        )
    };
    if status < 0 {
        // SAFETY: the call takes a number and gives one.
        return Err(io::Error::from_raw_os_error(unsafe { RtlNtStatusToDosError(status) } as i32));
    }
    Ok(found.GrantedAccess)
}
