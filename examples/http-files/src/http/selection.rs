//! Which bytes of a file answer a request: all, a part, or none because the client has them.

use std::ops::Range;
use std::time::{Duration, SystemTime};

use super::range::{Wanted, wanted};
use super::request::Request;
use super::status::Status;

/// The last second that a date of HTTP can name, and one: the end of the year 9999.
const END_OF_DATES: u64 = 253_402_300_800;

/// What is known of a file when a request for it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) length: u64,
    /// Whole seconds; nothing, where a date of HTTP cannot name it.
    pub(crate) modified: Option<SystemTime>,
}

/// What is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selection {
    pub(crate) status: Status,
    pub(crate) bytes: Range<u64>,
}

/// The time of a change as the system tells it, in seconds since 1970.
pub(crate) fn date_of(seconds: i64) -> Option<SystemTime> {
    let seconds = u64::try_from(seconds).ok().filter(|seconds| *seconds < END_OF_DATES)?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// Decides.
pub(crate) fn select(request: &Request<'_>, facts: Facts) -> Selection {
    let none = |status| Selection { status, bytes: 0..0 };
    let since = request.if_modified_since.and_then(date);
    if let (Some(since), Some(modified)) = (since, facts.modified)
        && modified <= since
    {
        return none(Status::NotModified);
    }
    let all = Selection { status: Status::Ok, bytes: 0..facts.length };
    let Some(range) = request.range.filter(|_| is_same(request.if_range, facts.modified)) else { return all };
    match wanted(range, facts.length) {
        Wanted::All => all,
        Wanted::Nothing => none(Status::RangeNotSatisfiable),
        Wanted::Part { first, last } => {
            Selection { status: Status::PartialContent, bytes: first..last.saturating_add(1) }
        }
    }
}

/// Whether the file is what the client has a part of already, as far as it asks. An entity tag is never one of ours.
fn is_same(if_range: Option<&str>, modified: Option<SystemTime>) -> bool {
    if_range.is_none_or(|value| modified.is_some() && date(value) == modified)
}

fn date(value: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOON: &str = "Sun, 06 Nov 1994 12:00:00 GMT";
    const BEFORE: &str = "Sun, 06 Nov 1994 11:59:59 GMT";

    fn request() -> Request<'static> {
        Request {
            head_only: false,
            target: "/",
            keep_alive: true,
            range: None,
            if_range: None,
            if_modified_since: None,
        }
    }

    fn selected(request: Request<'_>) -> (u16, Range<u64>) {
        let selection = select(&request, Facts { length: 10, modified: date(NOON) });
        (selection.status.code(), selection.bytes)
    }

    #[test]
    fn without_a_word_it_is_all() {
        assert_eq!(selected(request()), (200, 0..10));
    }

    #[test]
    fn what_has_not_changed_is_not_sent() {
        let since = |since| selected(Request { if_modified_since: Some(since), ..request() });
        assert_eq!(since(NOON), (304, 0..0));
        assert_eq!(since(BEFORE), (200, 0..10));
        assert_eq!(since("some day"), (200, 0..10));
    }

    #[test]
    fn a_part_is_sent_of_the_file_that_the_client_knows() {
        let part = |if_range| selected(Request { range: Some("bytes=2-3"), if_range, ..request() });
        assert_eq!(part(None), (206, 2..4));
        assert_eq!(part(Some(NOON)), (206, 2..4));
        assert_eq!(part(Some(BEFORE)), (200, 0..10));
        assert_eq!(part(Some("\"tag\"")), (200, 0..10));
        assert_eq!(selected(Request { range: Some("bytes=10-"), ..request() }), (416, 0..0));
    }

    #[test]
    fn a_time_that_no_date_can_name_is_not_told() {
        assert_eq!(date_of(0), Some(SystemTime::UNIX_EPOCH));
        assert_eq!(date_of(-1), None);
        assert_eq!(date_of(i64::MAX), None);
        assert_eq!(date_of(END_OF_DATES as i64), None);
        assert!(date_of(END_OF_DATES as i64 - 1).is_some());
        let facts = Facts { length: 1, modified: None };
        assert_eq!(select(&Request { if_modified_since: Some(NOON), ..request() }, facts).status, Status::Ok);
    }

    proptest! {
        #[test]
        fn no_date_makes_it_panic(value in "[ -~]{0,40}") {
            let _ = date(&value);
        }
    }
}
