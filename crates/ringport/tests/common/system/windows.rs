//! Windows: numbers of errors, what a process has, sockets and events.

use std::fs::File;
use std::os::windows::fs::{FileExt, OpenOptionsExt};
pub(crate) use std::os::windows::io::OwnedSocket as Owned;
use std::os::windows::io::{AsRawHandle, AsRawSocket};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use ringport::UdpSocket;
use ringport::net::FromFdRefusal;
use windows_sys::Win32::Foundation::WAIT_OBJECT_0;
use windows_sys::Win32::Networking::WinSock::{
    FIONREAD, IPPROTO_UDP, UDP_SEND_MSG_SIZE, ioctlsocket, setsockopt,
};
use windows_sys::Win32::Storage::FileSystem::{FILE_FLAG_DELETE_ON_CLOSE, FILE_FLAG_OVERLAPPED};
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleA, GetProcAddress};
use windows_sys::Win32::System::SystemInformation::{GetSystemInfo, SYSTEM_INFO};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, GetCurrentThreadId, GetProcessHandleCount, WaitForSingleObject,
};

pub(crate) use windows_sys::Win32::Networking::WinSock::{
    WSAECONNREFUSED as ECONNREFUSED, WSAECONNRESET as ECONNRESET, WSAEDESTADDRREQ as EDESTADDRREQ,
    WSAEINVAL as EINVAL, WSAEMSGSIZE as EMSGSIZE, WSAENOBUFS as ENOBUFS, WSAENOTCONN as ENOTCONN,
    WSAESHUTDOWN as EPIPE, WSAETIMEDOUT as ETIMEDOUT,
};

/// Whether this is Wine, which lacks some of Windows.
pub(crate) fn is_wine() -> bool {
    // SAFETY: both names end with a zero, and the library is in every process, for good.
    unsafe {
        let library = GetModuleHandleA(c"ntdll.dll".as_ptr().cast());
        GetProcAddress(library, c"wine_get_version".as_ptr().cast()).is_some()
    }
}

/// The same; says then what is not looked at.
pub(crate) fn lacked_by_wine(what: &str) -> bool {
    if is_wine() {
        eprintln!("skipped: Wine has no {what}");
    }
    is_wine()
}

/// A thread of this process by its number.
pub(crate) fn thread_number() -> u32 {
    // SAFETY: the call takes nothing and cannot fail.
    unsafe { GetCurrentThreadId() }
}

/// Whether the calling thread is the first of its process, which is the test harness. It is the first that asks.
pub(crate) fn is_first_thread() -> bool {
    // An allocator asks, so nothing here may allocate or wait.
    static FIRST: AtomicU32 = AtomicU32::new(0);
    let number = thread_number();
    FIRST.compare_exchange(0, number, Relaxed, Relaxed).is_ok() || FIRST.load(Relaxed) == number
}

/// How many handles this process has open.
pub(crate) fn descriptors() -> usize {
    let mut count = 0;
    // SAFETY: the handle is one that always is valid, and the count is written during the call.
    let asked = unsafe { GetProcessHandleCount(GetCurrentProcess(), &mut count) };
    assert_ne!(asked, 0, "{}", std::io::Error::last_os_error());
    count as usize
}

/// Windows keeps threads for itself, so their number tells nothing of the library.
pub(crate) fn threads() -> usize {
    0
}

/// Windows does not tell how much a process has locked.
pub(crate) fn locked() -> u64 {
    0
}

/// There is no limit to raise.
pub(crate) fn descriptors_for(_wanted: usize) -> bool {
    true
}

/// How often this thread has slept: Windows does not tell.
pub(crate) fn sleeps() -> i64 {
    0
}

/// Bytes of a page.
pub(crate) fn page() -> usize {
    let mut information = SYSTEM_INFO::default();
    // SAFETY: the structure is written during the call.
    unsafe { GetSystemInfo(&mut information) };
    information.dwPageSize as usize
}

/// A file with these bytes that a port may read and write, and that is gone when it is closed.
pub(crate) fn file_for_a_port(path: &Path, bytes: &[u8]) -> File {
    std::fs::write(path, bytes).unwrap();
    let mut options = File::options();
    options.read(true).write(true).custom_flags(FILE_FLAG_OVERLAPPED | FILE_FLAG_DELETE_ON_CLOSE);
    options.open(path).unwrap()
}

/// Reads these bytes of a file, all of them.
pub(crate) fn read_at(file: &File, bytes: &mut [u8], offset: u64) {
    assert_eq!(file.seek_read(bytes, offset).unwrap(), bytes.len());
}

/// Takes over a socket that was opened elsewhere.
pub(crate) fn take_over(socket: Owned) -> Result<UdpSocket, FromFdRefusal> {
    UdpSocket::from_socket(socket).map_err(|refused| refused.error)
}

/// What the system calls a socket.
pub(crate) fn number(socket: &impl AsRawSocket) -> u64 {
    socket.as_raw_socket()
}

/// Bytes that wait in a connection.
pub(crate) fn unread(socket: &impl AsRawSocket) -> usize {
    let mut waiting = 0;
    // SAFETY: one integer is written, which is there.
    let asked = unsafe { ioctlsocket(socket.as_raw_socket() as usize, FIONREAD, &mut waiting) };
    assert_eq!(asked, 0);
    waiting as usize
}

/// Has the system cut what is sent into datagrams of so many bytes, or of any for 0.
pub(crate) fn cut_sends(socket: &impl AsRawSocket, size: usize) {
    let size = size as u32;
    // SAFETY: the option is an integer of the length given, which is only read.
    let set = unsafe {
        let value = (&raw const size).cast();
        setsockopt(
            socket.as_raw_socket() as usize,
            IPPROTO_UDP,
            UDP_SEND_MSG_SIZE,
            value,
            size_of_val(&size) as i32,
        )
    };
    assert_eq!(set, 0, "this system has no UDP_SEND_MSG_SIZE");
}

/// Whether a queue's event is signalled, at once or within a time.
pub(crate) fn signalled(event: &impl AsRawHandle, within: Duration) -> bool {
    // SAFETY: the handle is open during the call.
    let result = unsafe { WaitForSingleObject(event.as_raw_handle(), within.as_millis() as u32) };
    result == WAIT_OBJECT_0
}

pub(crate) mod pages {
    //! Pages that a test owns.

    use std::ptr::NonNull;

    use windows_sys::Win32::System::Memory::{
        MEM_COMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_NOACCESS, PAGE_READWRITE, VirtualAlloc, VirtualFree,
    };

    /// Maps readable and writable pages where the system likes.
    pub(crate) fn map(length: usize) -> NonNull<u8> {
        at(0, length, PAGE_READWRITE).unwrap()
    }

    /// Maps pages that nobody may touch over exactly this range; `None` while something is mapped there.
    pub(crate) fn forbid(address: usize, length: usize) -> Option<NonNull<u8>> {
        at(address, length, PAGE_NOACCESS)
    }

    fn at(address: usize, length: usize, access: u32) -> Option<NonNull<u8>> {
        // SAFETY: new pages replace nothing that exists.
        let base = unsafe { VirtualAlloc(address as *const _, length, MEM_RESERVE | MEM_COMMIT, access) };
        NonNull::new(base.cast())
    }

    /// # Safety
    /// It is exactly what was mapped, and nobody uses it any more.
    pub(crate) unsafe fn unmap(base: NonNull<u8>, _length: usize) {
        // SAFETY: as promised by the caller.
        unsafe { VirtualFree(base.as_ptr().cast(), 0, MEM_RELEASE) };
    }
}
