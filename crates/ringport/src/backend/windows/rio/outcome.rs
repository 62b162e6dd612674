//! How a request ended, from its `RIORESULT`.

use windows_sys::Win32::Foundation::ERROR_MORE_DATA;
use windows_sys::Win32::Networking::WinSock::RIORESULT;

use super::constants::error_of;
use crate::backend::contract::Status;
use crate::backend::sys::errno::{ECANCELED, EMSGSIZE};
use crate::backend::windows::carrier::{Outcome, Way};

/// In the words of the bookkeeping, without what is in the headroom.
#[inline]
pub(super) fn outcome(result: &RIORESULT, way: Way) -> Outcome {
    const MORE_DATA: i32 = ERROR_MORE_DATA as i32;
    let status = match error_of(result.Status) {
        0 => Status::Success,
        EMSGSIZE | MORE_DATA if way == Way::In => Status::Truncated,
        ECANCELED => Status::Aborted,
        error => Status::Failed(error),
    };
    Outcome { bytes: result.BytesTransferred, ..Outcome::of(status) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use windows_sys::Win32::Foundation::{STATUS_BUFFER_OVERFLOW, STATUS_CANCELLED};
    use windows_sys::Win32::Networking::WinSock::{WSAECONNRESET, WSAEMSGSIZE};

    #[test]
    fn statuses_of_either_kind_are_understood() {
        let status = |status, way| {
            outcome(&RIORESULT { Status: status, BytesTransferred: 3, ..Default::default() }, way).status
        };
        assert_eq!(status(0, Way::In), Status::Success);
        assert_eq!(status(WSAEMSGSIZE, Way::In), Status::Truncated);
        assert_eq!(status(STATUS_BUFFER_OVERFLOW, Way::In), Status::Truncated);
        assert_eq!(status(WSAEMSGSIZE, Way::Out), Status::Failed(WSAEMSGSIZE));
        assert_eq!(status(995, Way::Out), Status::Aborted);
        assert_eq!(status(STATUS_CANCELLED, Way::In), Status::Aborted);
        assert_eq!(status(WSAECONNRESET, Way::In), Status::Failed(WSAECONNRESET));
    }
}
