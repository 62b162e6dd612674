//! The limit on what may be locked, and a thread without the privilege to lock as much as it likes: limits do not bind
//! the superuser.
//!
//! On Linux only, which has both.

const CAP_IPC_LOCK: u32 = 14;
/// `_LINUX_CAPABILITY_VERSION_3`: 64 capabilities in two words each.
const VERSION: u32 = 0x2008_0522;

#[repr(C)]
struct Header {
    version: u32,
    thread: i32,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Words {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

/// Takes the privilege from this thread, for good: only a row whose thread ends with it may do so.
pub(in crate::buffers) fn without_lock_privilege() {
    let (header, mut words) = (Header { version: VERSION, thread: 0 }, [Words::default(); 2]);
    // SAFETY: header and words have the layout that the kernel knows under this version, and outlive the calls.
    unsafe {
        assert_eq!(libc::syscall(libc::SYS_capget, &header, &mut words), 0);
        words[0].effective &= !(1 << CAP_IPC_LOCK);
        assert_eq!(libc::syscall(libc::SYS_capset, &header, &words), 0);
    }
}

/// Bytes that this process may lock; a limit is set if there is none.
pub(in crate::buffers) fn lock_limit() -> usize {
    const SOME: libc::rlim_t = 64 << 20;
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is valid during the calls.
    let done = unsafe {
        let got = libc::getrlimit(libc::RLIMIT_MEMLOCK, &mut limit);
        limit.rlim_cur = limit.rlim_cur.min(SOME);
        got | libc::setrlimit(libc::RLIMIT_MEMLOCK, &limit)
    };
    assert_eq!(done, 0);
    limit.rlim_cur as usize
}
