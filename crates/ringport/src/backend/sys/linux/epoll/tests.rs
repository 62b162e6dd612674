//! Waiting in nanoseconds, in milliseconds, and where the first is forbidden.

use super::*;
use crate::backend::sys::event::EventDescriptor;
use std::os::fd::AsFd;

const READ: Flags = libc::EPOLLIN as Flags;

#[test]
fn milliseconds_are_rounded_up_and_never_to_zero() {
    assert_eq!(milliseconds(None), -1);
    assert_eq!(milliseconds(Some(Duration::ZERO)), 0);
    assert_eq!(milliseconds(Some(Duration::from_nanos(1))), 1);
    assert_eq!(milliseconds(Some(Duration::from_millis(1))), 1);
    assert_eq!(milliseconds(Some(Duration::from_nanos(1_000_001))), 2);
    assert_eq!(milliseconds(Some(Duration::MAX)), i32::MAX);
}

/// Both ways of waiting give the same answers.
#[test]
fn events_carry_their_keys_until_they_are_deleted() {
    type Wait = fn(&Epoll, &mut [Event], Option<Duration>) -> io::Result<usize>;
    for wait in [Epoll::wait_nanoseconds as Wait, Epoll::wait_milliseconds] {
        let epoll = Epoll::new().unwrap();
        let event = EventDescriptor::new().unwrap();
        let mut events = [Event::EMPTY; 4];
        epoll.add(event.as_fd(), READ, 7).unwrap();
        match wait(&epoll, &mut events, Some(Duration::from_nanos(1))) {
            Err(error) if is_refused(&error) => {
                eprintln!("skipped: this kernel has no epoll_pwait2");
                continue;
            }
            count => assert_eq!(count.unwrap(), 0),
        }
        event.signal().unwrap();
        assert_eq!(wait(&epoll, &mut events, None).unwrap(), 1);
        assert_eq!((events[0].key(), events[0].flags()), (7, READ));
        epoll.modify(event.as_fd(), READ, 8).unwrap();
        assert_eq!(wait(&epoll, &mut events, None).unwrap(), 1);
        assert_eq!(events[0].key(), 8);
        epoll.delete(event.as_fd()).unwrap();
        assert_eq!(wait(&epoll, &mut events, Some(Duration::ZERO)).unwrap(), 0);
    }
}

#[test]
fn the_public_wait_returns_what_is_ready() {
    let epoll = Epoll::new().unwrap();
    let (first, second) = (EventDescriptor::new().unwrap(), EventDescriptor::new().unwrap());
    epoll.add(first.as_fd(), READ, 1).unwrap();
    epoll.add(second.as_fd(), READ, 2).unwrap();
    first.signal().unwrap();
    second.signal().unwrap();
    let mut events = [Event::EMPTY; 4];
    let mut keys: Vec<_> = epoll.wait(&mut events, None).unwrap().iter().map(Event::key).collect();
    keys.sort_unstable();
    assert_eq!(keys, [1, 2]);
}

/// In a thread of its own: its filter stays for as long as it lives.
#[test]
fn where_nanoseconds_are_forbidden_milliseconds_do() {
    let waited = std::thread::spawn(|| {
        if let Err(error) = forbid(libc::SYS_epoll_pwait2) {
            return eprintln!("skipped: no seccomp filter can be installed here: {error}");
        }
        let epoll = Epoll::new().unwrap();
        let event = EventDescriptor::new().unwrap();
        epoll.add(event.as_fd(), READ, 7).unwrap();
        let mut events = [Event::EMPTY; 4];
        let refused = epoll.wait_nanoseconds(&mut events, None).unwrap_err();
        assert_eq!(refused.raw_os_error(), Some(libc::EPERM));
        assert!(epoll.wait(&mut events, Some(Duration::from_nanos(1))).unwrap().is_empty());
        event.signal().unwrap();
        assert_eq!(epoll.wait(&mut events, None).unwrap().len(), 1);
    });
    waited.join().unwrap();
    // The other tests of this program go on with nanoseconds.
    ONLY_MILLISECONDS.store(false, Ordering::Relaxed);
}

/// Has the kernel answer this call of this thread with EPERM, as a container's filter does.
fn forbid(call: libc::c_long) -> io::Result<()> {
    let instruction = |code: u32, jt, jf, k| libc::sock_filter { code: code as u16, jt, jf, k };
    let mut instructions = [
        // The number of the call is the first word of what a filter sees.
        instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        instruction(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, call as u32),
        instruction(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ERRNO | libc::EPERM as u32),
        instruction(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog { len: instructions.len() as u16, filter: instructions.as_mut_ptr() };
    // SAFETY: this request takes numbers only.
    checked(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) })?;
    // SAFETY: the program and its instructions outlive the call, which copies them.
    checked(unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &program) })?;
    Ok(())
}
