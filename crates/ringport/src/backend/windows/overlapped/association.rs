//! How a queue learns that an operation of a socket has ended.
//!
//! ```text
//!   the socket has no port yet     CreateIoCompletionPort: each operation sends a packet, for the life of the socket
//!   it has another's already       an event of ours, whose low bit keeps packets away from that other port
//!                                     event ─► a thread of the system ─► a packet to our port: look at this socket
//! ```
//!
//! A socket can be given to one port, once. It has another's when its receives and its sends complete in different
//! queues, or when it had a request queue before. The detour costs a switch of threads each time that the queue waits,
//! and nothing while there is always something to do.

use std::ffi::c_void;
use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedSocket, FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::{ERROR_INVALID_PARAMETER, HANDLE, INVALID_HANDLE_VALUE};
use windows_sys::Win32::Storage::FileSystem::SetFileCompletionNotificationModes;
use windows_sys::Win32::System::Threading::{
    CreateEventW, INFINITE, RegisterWaitForSingleObject, UnregisterWaitEx, WT_EXECUTEINWAITTHREAD,
};
use windows_sys::Win32::System::WindowsProgramming::{
    FILE_SKIP_COMPLETION_PORT_ON_SUCCESS, FILE_SKIP_SET_EVENT_ON_HANDLE,
};

use super::home::Home;

/// See the module.
#[derive(Debug)]
pub(super) enum Association {
    Port,
    /// Seldom, so that all others need not have the room.
    Event(Box<Event>),
}

impl Association {
    /// Makes the queue that lives there learn of what `socket` does.
    pub(super) fn new(
        home: &Home,
        socket: BorrowedSocket<'_>,
        key: u32,
        calls: &mut u64,
    ) -> io::Result<Association> {
        *calls += 2;
        match home.port.associate_socket(socket, home.operations()) {
            Ok(()) => {
                let skip = FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE;
                use std::os::windows::io::AsRawSocket;
                // SAFETY: the socket is open. Where the call fails, packets come for nothing, which are put up with.
                unsafe { SetFileCompletionNotificationModes(socket.as_raw_socket() as HANDLE, skip as u8) };
                Ok(Association::Port)
            }
            Err(error) if error.raw_os_error() == Some(ERROR_INVALID_PARAMETER as i32) => {
                Event::new(home, key).map(|event| Association::Event(Box::new(event)))
            }
            Err(error) => Err(error),
        }
    }

    /// What an operation names as its event.
    pub(super) fn event(&self) -> HANDLE {
        match self {
            Association::Port => ptr::null_mut(),
            // The low bit says: no packet.
            Association::Event(event) => event.handle.as_raw_handle().map_addr(|address| address | 1),
        }
    }
}

/// An event whose signals become packets.
#[derive(Debug)]
pub(super) struct Event {
    wait: HANDLE,
    handle: OwnedHandle,
    /// Where they go; the system's thread reads it.
    _target: Box<Target>,
}

// SAFETY: the handle of the wait is a number, used by whoever owns this.
unsafe impl Send for Event {}

#[derive(Debug)]
struct Target {
    home: Home,
    socket: u32,
}

impl Event {
    fn new(home: &Home, socket: u32) -> io::Result<Event> {
        // Reset by the wait, so that each signal is one packet. An operation that begins resets it, too: whoever begins
        // one looks at the others afterwards.
        // SAFETY: no attributes and no name are given; the call takes no other pointer.
        let handle = unsafe { CreateEventW(ptr::null(), 0, 0, ptr::null()) };
        if handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle is new and nobody else owns it.
        let handle = unsafe { OwnedHandle::from_raw_handle(handle) };
        let target = Box::new(Target { home: home.clone(), socket });
        let mut wait = ptr::null_mut();
        let context = (&raw const *target).cast::<c_void>();
        // SAFETY: the event and the target live until the wait is unregistered, which `drop` does first.
        let registered = unsafe {
            RegisterWaitForSingleObject(
                &mut wait,
                handle.as_raw_handle(),
                Some(signalled),
                context,
                INFINITE,
                WT_EXECUTEINWAITTHREAD,
            )
        };
        if registered == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Event { wait, handle, _target: target })
    }
}

/// Runs on a thread of the system's.
unsafe extern "system" fn signalled(context: *mut c_void, _timed_out: bool) {
    // SAFETY: the context is the target that was registered, which is dropped after the wait has ended.
    let target = unsafe { &*context.cast::<Target>() };
    // It fails only without memory for a packet. The next signal tries again.
    let _ = target.home.tell(target.socket);
}

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: the wait was registered and is unregistered once. The call returns when `signalled` runs no more.
        unsafe { UnregisterWaitEx(self.wait, INVALID_HANDLE_VALUE) };
    }
}
