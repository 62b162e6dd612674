//! The kernel's own completion queue, as far as Linux tells of it.

use ringport::BackendKind;

/// Over io_uring, more has completed than that queue has room for.
pub(crate) fn has_overflown(kind: BackendKind) {
    if kind == BackendKind::Uring {
        match kept_by_the_kernel() {
            Some(kept) => assert!(kept > 0, "the kernel's queue did not overflow"),
            None => eprintln!("this kernel does not tell whether its queue overflowed"),
        }
    }
}

/// How many completions found no place in the kernel's queue, of all rings of this process; `None` where the
/// kernel does not tell.
fn kept_by_the_kernel() -> Option<usize> {
    let mut kept = None;
    for entry in std::fs::read_dir("/proc/self/fd").unwrap().map(Result::unwrap) {
        let is_ring = std::fs::read_link(entry.path())
            .is_ok_and(|target| target.to_string_lossy().contains("io_uring"));
        let info = std::path::Path::new("/proc/self/fdinfo").join(entry.file_name());
        if is_ring
            && let Some((_, list)) = std::fs::read_to_string(info).unwrap().split_once("CqOverflowList:")
        {
            let entries = list.lines().filter(|line| line.trim_start().starts_with("user_data")).count();
            kept = Some(kept.unwrap_or(0) + entries);
        }
    }
    kept
}
