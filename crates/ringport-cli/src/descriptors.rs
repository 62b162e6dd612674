//! Room for open files: a connection is one, and the limit that a shell gives is often a tenth of what may be had.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::failure::Failure;

/// Kept for what is open besides: standard streams, epoll, pipes, a ring.
const SPARE: u64 = 64;

/// Raises this process's limit so that `connections` fit, as far as it may be raised.
pub(crate) fn make_room(connections: u64) -> Result<(), Failure> {
    let failed = |error: nix::Error| {
        Failure::failed(format!("could not read or raise the limit of open files: {}", error.desc()))
    };
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).map_err(failed)?;
    let needed = connections.saturating_add(SPARE);
    if needed > hard {
        return Err(Failure::failed(too_few(connections, needed, hard)));
    }
    if needed > soft {
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard).map_err(failed)?;
    }
    Ok(())
}

fn too_few(connections: u64, needed: u64, hard: u64) -> String {
    format!(
        "{connections} connections need {needed} open files, and this process may have {hard} (RLIMIT_NOFILE, hard \
         limit): ask for at most {} connections, or raise the limit with 'ulimit -Hn {needed}' as root",
        hard.saturating_sub(SPARE)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_may_be_had_is_told_with_what_may() {
        let told = make_room(u64::MAX / 2).unwrap_err().sentence();
        let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        assert!(told.contains("RLIMIT_NOFILE") && told.contains(&(hard - SPARE).to_string()), "{told}");
        assert!(make_room(1).is_ok());
    }
}
