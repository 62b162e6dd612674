//! The numbers and structures of the interface, as its manual has them: what this room hands to the system is made of
//! the bindings' own, and these are compared here, a test a rule.

use std::mem::{align_of, offset_of, size_of};

use windows_sys::Win32::Foundation::ERROR_OPERATION_ABORTED;
use windows_sys::Win32::Networking::WinSock::*;
use windows_sys::core::GUID;

use super::constants::{CONTROL_HEAD, INVALID_BUFFER, INVALID_COMPLETION_QUEUE, INVALID_REQUEST_QUEUE};

#[test]
fn message_flags() {
    let flags = [RIO_MSG_DONT_NOTIFY, RIO_MSG_DEFER, RIO_MSG_WAITALL, RIO_MSG_COMMIT_ONLY];
    assert_eq!(flags, [1, 2, 4, 8]);
}

#[test]
fn invalid_ids() {
    assert_eq!(INVALID_BUFFER as usize, 0xFFFF_FFFF);
    assert_eq!((INVALID_COMPLETION_QUEUE, INVALID_REQUEST_QUEUE), (0, 0));
}

#[test]
fn a_corrupt_queue() {
    assert_eq!((RIO_CORRUPT_CQ, RIO_MAX_CQ_SIZE), (0xFFFF_FFFF, 0x800_0000));
}

#[test]
fn notification_types() {
    assert_eq!((RIO_EVENT_COMPLETION, RIO_IOCP_COMPLETION), (1, 2));
}

#[test]
fn socket_flag() {
    assert_eq!((WSA_FLAG_REGISTERED_IO, WSA_FLAG_OVERLAPPED), (0x100, 0x01));
}

#[test]
fn function_table() {
    assert_eq!(SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER, 0xC800_0024);
    let GUID { data1, data2, data3, data4 } = WSAID_MULTIPLE_RIO;
    assert_eq!((data1, data2, data3), (0x8509_e081, 0x96dd, 0x4005));
    assert_eq!(data4, [0xb1, 0x65, 0x9e, 0x2e, 0xe8, 0xc7, 0x9e, 0x3f]);
    type Functions = RIO_EXTENSION_FUNCTION_TABLE;
    assert_eq!(offset_of!(Functions, cbSize), 0);
    let order = [
        offset_of!(Functions, RIOReceive),
        offset_of!(Functions, RIOReceiveEx),
        offset_of!(Functions, RIOSend),
        offset_of!(Functions, RIOSendEx),
        offset_of!(Functions, RIOCloseCompletionQueue),
        offset_of!(Functions, RIOCreateCompletionQueue),
        offset_of!(Functions, RIOCreateRequestQueue),
        offset_of!(Functions, RIODequeueCompletion),
        offset_of!(Functions, RIODeregisterBuffer),
        offset_of!(Functions, RIONotify),
        offset_of!(Functions, RIORegisterBuffer),
        offset_of!(Functions, RIOResizeCompletionQueue),
        offset_of!(Functions, RIOResizeRequestQueue),
    ];
    assert!(order.iter().zip(1..).all(|(offset, place)| *offset == place * size_of::<usize>()), "{order:?}");
}

#[test]
fn buffer_structure() {
    assert_eq!(size_of::<RIO_BUFFERID>(), size_of::<usize>());
    let offsets = [offset_of!(RIO_BUF, BufferId), offset_of!(RIO_BUF, Offset), offset_of!(RIO_BUF, Length)];
    assert_eq!((offsets, size_of::<RIO_BUF>()), ([0, 8, 12], 16));
}

#[test]
fn result_structure() {
    let offsets = [
        offset_of!(RIORESULT, Status),
        offset_of!(RIORESULT, BytesTransferred),
        offset_of!(RIORESULT, SocketContext),
        offset_of!(RIORESULT, RequestContext),
    ];
    assert_eq!((offsets, size_of::<RIORESULT>()), ([0, 4, 8, 16], 24));
}

#[test]
fn control_structure() {
    assert_eq!((size_of::<RIO_CMSG_BUFFER>(), offset_of!(RIO_CMSG_BUFFER, TotalLength)), (4, 0));
    assert_eq!(CONTROL_HEAD, 4usize.next_multiple_of(align_of::<CMSGHDR>()));
}

#[test]
fn error_numbers() {
    let errors = [
        WSAEFAULT,
        WSAEINVAL,
        WSAEALREADY,
        WSAENOTSOCK,
        WSAEOPNOTSUPP,
        WSAENOBUFS,
        WSAETOOMANYREFS,
        ERROR_OPERATION_ABORTED as i32,
    ];
    assert_eq!(errors, [10014, 10022, 10037, 10038, 10045, 10055, 10059, 995]);
}

/// What compiles is the proof.
#[test]
fn nine_arguments() {
    type Buffer = *const RIO_BUF;
    type Call<R> = unsafe extern "system" fn(
        RIO_RQ,
        Buffer,
        u32,
        Buffer,
        Buffer,
        Buffer,
        Buffer,
        u32,
        *const core::ffi::c_void,
    ) -> R;
    let table = RIO_EXTENSION_FUNCTION_TABLE::default();
    let _receive: Option<Call<i32>> = table.RIOReceiveEx;
    let _send: Option<Call<windows_sys::core::BOOL>> = table.RIOSendEx;
}
