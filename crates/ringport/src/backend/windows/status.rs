//! The numbers by which Windows says how an operation ended, brought to one form.
//!
//! ```text
//!   WSARecv .. failed at once      10054   numbers of Winsock, or of Win32
//!   OVERLAPPED.Internal       0xc000020d   numbers of the kernel  ── RtlNtStatusToDosError ──► 64   ── here ──► 10054
//! ```
//!
//! A program is told of a refused connection by the same number whether it was refused at once or later. So what the
//! kernel says is translated to what Winsock would have said.

use windows_sys::Win32::Foundation::{
    ERROR_CONNECTION_ABORTED, ERROR_CONNECTION_INVALID, ERROR_CONNECTION_REFUSED, ERROR_HOST_UNREACHABLE,
    ERROR_NETNAME_DELETED, ERROR_NETWORK_UNREACHABLE, ERROR_PORT_UNREACHABLE, ERROR_PROTOCOL_UNREACHABLE,
    ERROR_SEM_TIMEOUT, ERROR_TIMEOUT, NTSTATUS, RtlNtStatusToDosError, STATUS_INVALID_CONNECTION,
    STATUS_PENDING,
};
use windows_sys::Win32::Networking::WinSock::{
    WSAECONNABORTED, WSAECONNREFUSED, WSAECONNRESET, WSAEHOSTUNREACH, WSAENETUNREACH, WSAENOTCONN,
    WSAETIMEDOUT,
};

/// Whether an operation with this status in its `OVERLAPPED` is still under way.
pub(in crate::backend) fn is_pending(status: NTSTATUS) -> bool {
    status == STATUS_PENDING
}

/// Whether a call that failed with this status has sent its packet nevertheless: the kernel counts a warning, such as
/// a datagram that did not fit, as a success.
pub(in crate::backend) fn is_warning(status: NTSTATUS) -> bool {
    (status as u32) >> 30 == 2
}

/// The error of an operation that the kernel ended with this status; 0 for none.
pub(in crate::backend) fn error_of(status: NTSTATUS) -> i32 {
    match status {
        // Win32 has no word for it but that something unexpected happened.
        STATUS_INVALID_CONNECTION => WSAENOTCONN,
        // SAFETY: the call takes a number and gives one.
        _ => winsock(unsafe { RtlNtStatusToDosError(status) } as i32),
    }
}

/// What Winsock calls this error of Win32.
pub(in crate::backend) fn winsock(error: i32) -> i32 {
    match error as u32 {
        ERROR_NETNAME_DELETED | ERROR_PORT_UNREACHABLE => WSAECONNRESET,
        ERROR_CONNECTION_REFUSED => WSAECONNREFUSED,
        ERROR_CONNECTION_ABORTED => WSAECONNABORTED,
        ERROR_CONNECTION_INVALID => WSAENOTCONN,
        ERROR_NETWORK_UNREACHABLE => WSAENETUNREACH,
        ERROR_HOST_UNREACHABLE | ERROR_PROTOCOL_UNREACHABLE => WSAEHOSTUNREACH,
        ERROR_SEM_TIMEOUT | ERROR_TIMEOUT => WSAETIMEDOUT,
        _ => error,
    }
}

/// Whether an accept that ended with this error of Winsock has lost its connection, and nothing else: the peer had reset
/// it before it was taken. The listener is well, and the next connection may come.
pub(in crate::backend) fn is_lost_connection(error: i32) -> bool {
    // The last is said where the kernel takes the connection, and finds out then that it has no peer any more.
    matches!(error, WSAECONNRESET | WSAECONNABORTED | WSAENOTCONN)
}

#[cfg(test)]
mod tests {
    use windows_sys::Win32::Foundation::{
        STATUS_BUFFER_OVERFLOW, STATUS_CANCELLED, STATUS_CONNECTION_REFUSED, STATUS_CONNECTION_RESET,
        STATUS_END_OF_FILE, STATUS_SUCCESS,
    };

    use super::*;

    #[test]
    fn what_the_kernel_says_is_told_in_the_words_of_winsock() {
        let cases = [
            (STATUS_SUCCESS, 0),
            (STATUS_BUFFER_OVERFLOW, 234),
            (STATUS_END_OF_FILE, 38),
            (STATUS_CANCELLED, 995),
            (STATUS_CONNECTION_REFUSED, WSAECONNREFUSED),
            (STATUS_CONNECTION_RESET, WSAECONNRESET),
            (STATUS_INVALID_CONNECTION, WSAENOTCONN),
        ];
        for (status, expected) in cases {
            assert_eq!(error_of(status), expected, "{status:#x}");
        }
    }

    #[test]
    fn only_what_did_not_fit_is_a_warning() {
        assert!(is_warning(STATUS_BUFFER_OVERFLOW));
        for status in [STATUS_SUCCESS, STATUS_PENDING, STATUS_CANCELLED, STATUS_CONNECTION_RESET] {
            assert!(!is_warning(status), "{status:#x}");
        }
    }
}
