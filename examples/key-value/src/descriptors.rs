//! Room for connections: each is a descriptor, and on Windows there is no limit of them but memory.

/// Shells often allow 1,024. Where more is not allowed, connections wait.
#[cfg(target_os = "linux")]
pub(crate) fn raise_limit() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};

    if let Ok((_, most)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, most, most);
    }
}

/// Nothing has to be raised.
#[cfg(windows)]
pub(crate) fn raise_limit() {}
