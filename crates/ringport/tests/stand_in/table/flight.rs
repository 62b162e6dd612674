//! One request as an overlapped call.

use std::ptr;
use std::sync::OnceLock;

use windows_sys::Win32::Foundation::{
    HANDLE, RtlNtStatusToDosError, STATUS_BUFFER_OVERFLOW, STATUS_CANCELLED, STATUS_PENDING,
};
use windows_sys::Win32::Networking::WinSock::{
    LPFN_WSARECVMSG, MSG_CTRUNC, MSG_TRUNC, SIO_GET_EXTENSION_FUNCTION_POINTER, SOCKADDR, SOCKET,
    WSA_IO_PENDING, WSA_OPERATION_ABORTED, WSABUF, WSAEMSGSIZE, WSAENOTSOCK, WSAEOPNOTSUPP, WSAGetLastError,
    WSAGetOverlappedResult, WSAID_WSARECVMSG, WSAIoctl, WSAMSG, WSARecv, WSASend, WSASendMsg,
};
use windows_sys::Win32::System::IO::OVERLAPPED;

use super::buffers::Slice;
use super::side::{Direction, Request};

/// What a pending call ends with under Wine when its socket is closed; Windows says that it was cancelled.
const STATUS_HANDLES_CLOSED: i32 = 0x8000_000A_u32 as i32;
/// Bytes of `RIO_CMSG_BUFFER` before its first message.
const CONTROL_HEAD: u32 = 8;

/// How a call ended.
#[derive(Clone, Copy)]
pub(super) struct Outcome {
    pub(super) error: i32,
    pub(super) bytes: u32,
}

/// What the system reads and writes while a call is pending; it does not move then.
pub(super) struct Flight {
    overlapped: OVERLAPPED,
    data: WSABUF,
    message: WSAMSG,
    flags: u32,
    pub(super) running: bool,
}

// SAFETY: all its pointers lead into itself or to registered memory; the lock around the world guards them.
unsafe impl Send for Flight {}

impl Flight {
    pub(super) fn new() -> Box<Flight> {
        // SAFETY: plain C structures of integers and pointers; all zeroes is a valid value.
        Box::new(unsafe { std::mem::zeroed() })
    }

    /// Makes the call for `request`; `None` when it is pending.
    pub(super) fn start(
        &mut self,
        socket: SOCKET,
        direction: Direction,
        request: &Request,
        event: HANDLE,
    ) -> Option<Outcome> {
        let none = Slice { start: ptr::null_mut(), length: 0 };
        let data = request.data.unwrap_or(none);
        let left = data.length - request.filled;
        self.data = WSABUF { len: left, buf: data.start.wrapping_add(request.filled as usize) };
        self.overlapped =
            OVERLAPPED { hEvent: event, Internal: STATUS_PENDING as usize, ..Default::default() };
        self.flags = 0;
        let more = request.remote.is_some() || request.control.is_some() || request.flags_out.is_some();
        let (buffers, flags) = (&raw const self.data, &raw mut self.flags);
        let (overlapped, sent) = (&raw mut self.overlapped, ptr::null_mut());
        // SAFETY: the structures are in a box that stays until the call has ended, and the memory is registered, which
        // the caller of the table keeps until the completion was dequeued.
        let result = unsafe {
            match (direction, more) {
                (Direction::Receive, false) => WSARecv(socket, buffers, 1, sent, flags, overlapped, None),
                (Direction::Send, false) => WSASend(socket, buffers, 1, sent, 0, overlapped, None),
                (Direction::Receive, true) => {
                    self.describe(request, false);
                    match receive_message(socket) {
                        Some(call) => call(socket, &raw mut self.message, sent, overlapped, None),
                        None => return Some(Outcome { error: WSAEOPNOTSUPP, bytes: 0 }),
                    }
                }
                (Direction::Send, true) => {
                    self.describe(request, true);
                    WSASendMsg(socket, &raw const self.message, 0, sent, overlapped, None)
                }
            }
        };
        // SAFETY: the call reads a value of this thread.
        let error = if result == 0 { 0 } else { unsafe { WSAGetLastError() } };
        match error {
            WSA_IO_PENDING => {
                self.running = true;
                None
            }
            0 => Some(Outcome { error: 0, bytes: self.overlapped.InternalHigh as u32 }),
            WSAEMSGSIZE if direction == Direction::Receive => {
                let known = self.overlapped.Internal as u32 as i32 == STATUS_BUFFER_OVERFLOW;
                let bytes = if known { self.overlapped.InternalHigh as u32 } else { left };
                Some(Outcome { error, bytes })
            }
            WSAENOTSOCK => Some(Outcome { error: WSA_OPERATION_ABORTED, bytes: 0 }),
            error => Some(Outcome { error, bytes: 0 }),
        }
    }

    /// Puts a message together from what the request has.
    fn describe(&mut self, request: &Request, sends: bool) {
        let (name, namelen) = match request.remote {
            // SAFETY: the address was written by the caller, and has room for the largest of them.
            Some(remote) if sends => (remote.start, unsafe { address_length(remote.start) }),
            Some(remote) => (remote.start, remote.length as i32),
            None => (ptr::null_mut(), 0),
        };
        let control = request.control.map_or(WSABUF { len: 0, buf: ptr::null_mut() }, |control| {
            // SAFETY: at least the head was asked for when it was posted, and its length is the caller's.
            let total = if sends { unsafe { control.start.cast::<u32>().read() } } else { control.length };
            let len = total.min(control.length).saturating_sub(CONTROL_HEAD);
            WSABUF { len, buf: control.start.wrapping_add(CONTROL_HEAD as usize) }
        });
        self.message = WSAMSG {
            name: name.cast::<SOCKADDR>(),
            namelen,
            lpBuffers: &raw mut self.data,
            dwBufferCount: 1,
            Control: control,
            dwFlags: 0,
        };
    }

    /// How the pending call ended; `None` while it has not.
    pub(super) fn outcome(&mut self, socket: SOCKET) -> Option<Outcome> {
        // SAFETY: the system writes it from elsewhere; the value is a plain number.
        let status = unsafe { (&raw const self.overlapped.Internal).read_volatile() } as u32 as i32;
        if status == STATUS_PENDING {
            return None;
        }
        self.running = false;
        let bytes = self.overlapped.InternalHigh as u32;
        let error = match status {
            0 => 0,
            STATUS_BUFFER_OVERFLOW => WSAEMSGSIZE,
            STATUS_CANCELLED | STATUS_HANDLES_CLOSED => WSA_OPERATION_ABORTED,
            _ => self.error_of(socket, status),
        };
        Some(Outcome { error, bytes })
    }

    /// The socket call's number for a status.
    fn error_of(&mut self, socket: SOCKET, status: i32) -> i32 {
        let (mut bytes, mut flags) = (0, 0);
        // SAFETY: the call has ended, so this only reads what it left.
        let failed =
            unsafe { WSAGetOverlappedResult(socket, &raw const self.overlapped, &mut bytes, 0, &mut flags) }
                == 0;
        // SAFETY: the call reads a value of this thread.
        let error = if failed { unsafe { WSAGetLastError() } } else { WSAENOTSOCK };
        if error != WSAENOTSOCK {
            return error;
        }
        // SAFETY: the call looks a number up in a table.
        unsafe { RtlNtStatusToDosError(status) as i32 }
    }

    /// Writes what a receive brought beside its data to where the caller wants it. Wine leaves the flag out that
    /// goes with a datagram that was cut.
    pub(super) fn deliver(&self, request: &Request, outcome: Outcome) {
        if let Some(control) = request.control {
            // SAFETY: the head is inside the slice, which was checked when it was posted.
            unsafe { control.start.cast::<u32>().write(CONTROL_HEAD + self.message.Control.len) };
        }
        if let Some(flags) = request.flags_out {
            // The same error is told when only control data was cut.
            let only_control = self.message.dwFlags & MSG_CTRUNC != 0 && outcome.bytes < self.data.len;
            let cut = if outcome.error == WSAEMSGSIZE && !only_control { MSG_TRUNC } else { 0 };
            // SAFETY: 4 bytes, which was checked when it was posted; they may lie anywhere.
            unsafe { flags.start.cast::<u32>().write_unaligned(self.message.dwFlags | cut) };
        }
    }

    /// The address of its OVERLAPPED structure, to cancel it by.
    pub(super) fn overlapped(&self) -> *const OVERLAPPED {
        &self.overlapped
    }
}

/// The length of a socket address, by its family.
///
/// # Safety
/// It is a whole address.
unsafe fn address_length(address: *const u8) -> i32 {
    const FAMILY_SIX: u16 = 23;
    // SAFETY: the caller's word.
    let family = unsafe { address.cast::<u16>().read_unaligned() };
    if family == FAMILY_SIX { 28 } else { 16 }
}

type ReceiveMessage = unsafe extern "system" fn(
    SOCKET,
    *mut WSAMSG,
    *mut u32,
    *mut OVERLAPPED,
    windows_sys::Win32::Networking::WinSock::LPWSAOVERLAPPED_COMPLETION_ROUTINE,
) -> i32;

/// `WSARecvMsg`, which only an ioctl gives.
fn receive_message(socket: SOCKET) -> Option<ReceiveMessage> {
    static FOUND: OnceLock<LPFN_WSARECVMSG> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let name = WSAID_WSARECVMSG;
        let mut found: LPFN_WSARECVMSG = None;
        let mut written = 0;
        // SAFETY: both buffers are locals of the sizes given.
        let result = unsafe {
            WSAIoctl(
                socket,
                SIO_GET_EXTENSION_FUNCTION_POINTER,
                ptr::from_ref(&name).cast(),
                size_of_val(&name) as u32,
                ptr::from_mut(&mut found).cast(),
                size_of_val(&found) as u32,
                &mut written,
                ptr::null_mut(),
                None,
            )
        };
        if result == 0 { found } else { None }
    })
}
