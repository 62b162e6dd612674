//! The performance counter, by which Windows tells when datagrams were received.

use std::time::Duration;

use windows_sys::Win32::System::Performance::{QueryPerformanceCounter, QueryPerformanceFrequency};

/// Its value. `None` without such a counter, which every system since Windows XP has.
pub(crate) fn now() -> Option<u64> {
    let mut now = 0;
    // SAFETY: the number is valid for writing.
    let known = unsafe { QueryPerformanceCounter(&mut now) };
    u64::try_from(now).ok().filter(|_| known != 0)
}

/// The time since it had the value `then`; none where that is still to come.
pub(crate) fn since(then: u64) -> Option<Duration> {
    let mut each_second = 0;
    // SAFETY: the number is valid for writing.
    let known = unsafe { QueryPerformanceFrequency(&mut each_second) };
    let each_second = u64::try_from(each_second).ok().filter(|number| known != 0 && *number > 0)?;
    let passed = now()?.saturating_sub(then);
    let (seconds, rest) = (passed / each_second, passed % each_second);
    let nanoseconds = u128::from(rest) * 1_000_000_000 / u128::from(each_second);
    Some(Duration::from_secs(seconds) + Duration::from_nanos(nanoseconds as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_come_is_no_time_ago_and_the_beginning_is_long_ago() {
        assert_eq!(since(u64::MAX), Some(Duration::ZERO));
        assert!(since(0).unwrap() > Duration::ZERO);
        assert!(since(now().unwrap()).unwrap() < Duration::from_secs(60));
    }
}
