//! Linux: numbers of errors, what a process has, and descriptors.

use std::fs::File;
use std::io::Write;
use std::os::fd::AsRawFd;
pub(crate) use std::os::fd::OwnedFd as Owned;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use ringport::UdpSocket;
use ringport::net::FromFdRefusal;

pub(crate) use libc::{
    ECONNREFUSED, ECONNRESET, EDESTADDRREQ, EINVAL, EMSGSIZE, ENOBUFS, ENOTCONN, EPIPE, ETIMEDOUT,
};

/// Whether this is Wine.
pub(crate) fn is_wine() -> bool {
    false
}

/// Whether this is Wine, which lacks some of Windows; says then what is not looked at.
pub(crate) fn lacked_by_wine(_what: &str) -> bool {
    false
}

/// A thread of this process by its number.
pub(crate) fn thread_number() -> u32 {
    // SAFETY: the call takes no pointer.
    unsafe { libc::gettid() as u32 }
}

/// Whether the calling thread is the first of its process, which is the test harness.
pub(crate) fn is_first_thread() -> bool {
    // SAFETY: neither call takes an argument, and neither can fail.
    unsafe { libc::gettid() == libc::getpid() }
}

/// How many descriptors this process has open.
pub(crate) fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Takes all descriptors that this process may have but so many, until the result is dropped.
pub(crate) fn allow(more: usize) -> Vec<std::fs::File> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is valid during the calls, for writing in the first.
    let set = unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
        limit.rlim_cur = 400;
        libc::setrlimit(libc::RLIMIT_NOFILE, &limit)
    };
    assert_eq!(set, 0);
    let mut taken: Vec<_> = std::iter::from_fn(|| std::fs::File::open("/dev/null").ok()).collect();
    taken.truncate(taken.len() - more);
    taken
}

/// How many threads this process has.
pub(crate) fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

/// Kilobytes that this process has locked.
pub(crate) fn locked() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let locked = status.lines().find(|line| line.starts_with("VmLck")).unwrap();
    locked.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Lets this process have so many descriptors; false, and said, where the system does not allow them.
pub(crate) fn descriptors_for(wanted: usize) -> bool {
    let wanted = wanted as libc::rlim_t;
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both calls only use the value, which lives on.
    unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
        limit.rlim_cur = wanted.max(limit.rlim_cur).min(limit.rlim_max);
        libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
    }
    if limit.rlim_cur < wanted {
        eprintln!("skipped: it needs a limit of {wanted} open files, this is {}", limit.rlim_cur);
    }
    limit.rlim_cur >= wanted
}

/// How often this thread has slept.
pub(crate) fn sleeps() -> i64 {
    // SAFETY: all zeroes is a valid value of this struct of numbers, which is valid during the call.
    unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        assert_eq!(libc::getrusage(libc::RUSAGE_THREAD, &mut usage), 0);
        usage.ru_nvcsw
    }
}

/// Bytes of a page.
pub(crate) fn page() -> usize {
    // SAFETY: the call takes no pointer.
    unsafe { libc::sysconf(libc::_SC_PAGESIZE) as usize }
}

/// A file with these bytes that a port may read and write, and that is gone when it is closed.
pub(crate) fn file_for_a_port(path: &Path, bytes: &[u8]) -> File {
    let mut file = File::options().read(true).write(true).create_new(true).open(path).unwrap();
    std::fs::remove_file(path).unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// Reads these bytes of a file, all of them.
pub(crate) fn read_at(file: &File, bytes: &mut [u8], offset: u64) {
    file.read_exact_at(bytes, offset).unwrap();
}

/// Takes over a socket that was opened elsewhere.
pub(crate) fn take_over(socket: Owned) -> Result<UdpSocket, FromFdRefusal> {
    UdpSocket::from_fd(socket).map_err(|refused| refused.error)
}

/// What the system calls a socket.
pub(crate) fn number(socket: &impl AsRawFd) -> u64 {
    socket.as_raw_fd() as u64
}

/// Bytes that wait in a connection.
pub(crate) fn unread(socket: &impl AsRawFd) -> usize {
    let mut waiting: libc::c_int = 0;
    // SAFETY: the kernel writes one integer, which is there.
    let asked = unsafe { libc::ioctl(socket.as_raw_fd(), libc::FIONREAD, &mut waiting) };
    assert_eq!(asked, 0);
    waiting as usize
}

/// Has the system cut what is sent into datagrams of so many bytes, or of any for 0.
pub(crate) fn cut_sends(socket: &impl AsRawFd, size: usize) {
    let size = size as libc::c_int;
    let length = size_of_val(&size) as libc::socklen_t;
    // SAFETY: the option is an integer of the length given, which is only read.
    let set = unsafe {
        let value = (&raw const size).cast();
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_UDP, libc::UDP_SEGMENT, value, length)
    };
    assert_eq!(set, 0, "this kernel has no UDP_SEGMENT");
}

/// Whether a queue's event is signalled, at once or within a time.
pub(crate) fn signalled(event: &impl AsRawFd, within: Duration) -> bool {
    let mut one = libc::pollfd { fd: event.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: `one` is one valid entry that outlives the call.
    let ready = unsafe { libc::poll(&mut one, 1, within.as_millis() as i32) };
    assert!(ready >= 0, "{}", std::io::Error::last_os_error());
    ready > 0
}

pub(crate) mod pages {
    //! Pages that a test owns.

    use std::ptr::NonNull;

    /// Maps readable and writable pages where the system likes.
    pub(crate) fn map(length: usize) -> NonNull<u8> {
        at(std::ptr::null_mut(), length, libc::PROT_READ | libc::PROT_WRITE, 0).unwrap()
    }

    /// Maps pages that nobody may touch over exactly this range; `None` while something is mapped there.
    pub(crate) fn forbid(address: usize, length: usize) -> Option<NonNull<u8>> {
        at(address as *mut _, length, libc::PROT_NONE, libc::MAP_FIXED_NOREPLACE)
    }

    fn at(at: *mut libc::c_void, length: usize, access: i32, more: i32) -> Option<NonNull<u8>> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | more;
        // SAFETY: an anonymous mapping that replaces nothing touches nothing that exists.
        let base = unsafe { libc::mmap(at, length, access, flags, -1, 0) };
        if base == libc::MAP_FAILED {
            return None;
        }
        assert!(at.is_null() || at == base);
        NonNull::new(base.cast())
    }

    /// # Safety
    /// It is exactly what was mapped, and nobody uses it any more.
    pub(crate) unsafe fn unmap(base: NonNull<u8>, length: usize) {
        // SAFETY: as promised by the caller.
        unsafe { libc::munmap(base.as_ptr().cast(), length) };
    }
}
