//! How a request ended, from its `RIORESULT`.

use windows_sys::Win32::Foundation::{ERROR_HANDLES_CLOSED, ERROR_MORE_DATA};
use windows_sys::Win32::Networking::WinSock::{RIORESULT, WSAENOTSOCK};

use super::constants::error_of;
use crate::backend::contract::Status;
use crate::backend::sys::errno::{ECANCELED, EMSGSIZE};
use crate::backend::windows::carrier::{Outcome, Way};

/// In the words of the bookkeeping, without what is in the headroom.
#[inline]
pub(super) fn outcome(result: &RIORESULT, way: Way) -> Outcome {
    const MORE_DATA: i32 = ERROR_MORE_DATA as i32;
    const CLOSED: i32 = ERROR_HANDLES_CLOSED as i32;
    let status = match error_of(result.Status) {
        0 => Status::Success,
        EMSGSIZE | MORE_DATA if way == Way::In => Status::Truncated,
        // In the kernel it is the same number whichever way a datagram does not fit.
        MORE_DATA => Status::Failed(EMSGSIZE),
        // The last two are of a socket that was closed by the number it had.
        ECANCELED | CLOSED | WSAENOTSOCK => Status::Aborted,
        error => Status::Failed(error),
    };
    Outcome { bytes: result.BytesTransferred, ..Outcome::of(status) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use windows_sys::Win32::Foundation::{
        ERROR_PORT_UNREACHABLE, STATUS_BUFFER_OVERFLOW, STATUS_CANCELLED, STATUS_CONNECTION_RESET,
    };
    use windows_sys::Win32::Networking::WinSock::{WSAECONNRESET, WSAEMSGSIZE};

    #[test]
    fn statuses_of_either_kind_are_understood() {
        let status = |status, way| {
            outcome(&RIORESULT { Status: status, BytesTransferred: 3, ..Default::default() }, way).status
        };
        assert_eq!(status(0, Way::In), Status::Success);
        assert_eq!(status(WSAEMSGSIZE, Way::In), Status::Truncated);
        assert_eq!(status(STATUS_BUFFER_OVERFLOW, Way::In), Status::Truncated);
        for too_large in [WSAEMSGSIZE, STATUS_BUFFER_OVERFLOW] {
            assert_eq!(status(too_large, Way::Out), Status::Failed(WSAEMSGSIZE));
        }
        assert_eq!(status(995, Way::Out), Status::Aborted);
        assert_eq!(status(STATUS_CANCELLED, Way::In), Status::Aborted);
        assert_eq!(status(WSAENOTSOCK, Way::In), Status::Aborted);
        for reset in [WSAECONNRESET, STATUS_CONNECTION_RESET, ERROR_PORT_UNREACHABLE as i32] {
            assert_eq!(status(reset, Way::In), Status::Failed(WSAECONNRESET));
        }
    }
}
