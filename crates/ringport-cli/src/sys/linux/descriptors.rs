//! Room for open files: a connection is one, and so is a socket, and the limit that a shell gives is often a tenth of what may be had.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::failure::Failure;

/// Kept for what is open besides: standard streams, epoll, pipes, a ring.
const SPARE: u64 = 64;

/// Raises this process's limit so that so many of `what` fit, as far as it may be raised.
pub(crate) fn make_room(count: u64, what: &str) -> Result<(), Failure> {
    let failed = |error: nix::Error| {
        Failure::failed(format!("could not read or raise the limit of open files: {}", error.desc()))
    };
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).map_err(failed)?;
    let needed = count.saturating_add(SPARE);
    if needed > hard {
        return Err(Failure::failed(too_few(count, what, needed, hard)));
    }
    if needed > soft {
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard).map_err(failed)?;
    }
    Ok(())
}

fn too_few(count: u64, what: &str, needed: u64, hard: u64) -> String {
    format!(
        "{count} {what} need {needed} open files, and this process may have {hard} (RLIMIT_NOFILE, hard \
         limit): ask for at most {} {what}, or raise the limit with 'ulimit -Hn {needed}' as root",
        hard.saturating_sub(SPARE)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_may_be_had_is_told_with_what_may() {
        let told = make_room(u64::MAX / 2, "connections").unwrap_err().sentence();
        let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        assert!(told.contains("RLIMIT_NOFILE") && told.contains(&(hard - SPARE).to_string()), "{told}");
        assert!(make_room(1, "connections").is_ok());
    }
}
