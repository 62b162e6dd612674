//! Who keeps the memory: whatever order things are dropped in, slices stay while somebody has them and go after.
//! One test alone in its program, since it looks at the map of the whole process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[cfg_attr(windows, path = "common/mapped/windows.rs")]
#[cfg_attr(not(windows), path = "common/mapped/linux.rs")]
mod mapped;

use mapped::{is_mapped, locked_by_process};
use ringport::memory::LockState;
use ringport::{BufferPool, Lock};

#[test]
fn slices_stay_while_somebody_has_them_and_go_after() {
    let before = locked_by_process();
    let pool = || BufferPool::builder().slices_per_region(16).lock(Lock::Preferred).build().unwrap();

    // The pool is dropped first, and the last view goes on another thread.
    let first = pool();
    let figures = first.figures();
    if figures.lock_state == LockState::Locked {
        if let (Some(now), Some(before)) = (locked_by_process(), before) {
            assert_eq!(now - before, figures.registered_bytes / 1024);
        }
        assert_eq!(figures.locked_bytes, figures.registered_bytes);
    } else {
        println!("not looking at locked memory: {}", figures.lock_state);
    }
    let buffer = first.take_with(b"still here").unwrap();
    let address = buffer.as_ptr() as usize;
    let other = first.clone();
    drop(first);
    assert!(other.take().is_ok(), "another handle keeps the pool open");
    drop(other);
    assert!(is_mapped(address));
    let view = buffer.freeze().view(6..).unwrap();
    assert_eq!(&view[..], b"here");
    std::thread::spawn(move || drop(view)).join().unwrap();
    assert!(!is_mapped(address), "the last view returned the last slice");
    assert_eq!(locked_by_process(), before);

    // The buffer is dropped first.
    let second = pool();
    let buffer = second.take().unwrap();
    let address = buffer.payload_address();
    drop(buffer);
    assert!(is_mapped(address));
    drop(second);
    assert!(!is_mapped(address));

    // A region is deregistered under its buffers.
    let third = pool();
    let (one, two) = (third.take().unwrap(), third.take().unwrap());
    let address = one.payload_address();
    third.deregister(one.region());
    drop(one);
    assert!(is_mapped(address));
    drop(two);
    assert!(!is_mapped(address));
    assert_eq!((third.figures().registered_bytes, third.figures().released), (0, 1));
    drop(third);
    assert_eq!(locked_by_process(), before);
}

/// The address of a buffer's first byte, filled or not.
trait PayloadAddress {
    fn payload_address(&self) -> usize;
}

impl PayloadAddress for ringport::BufferMut {
    fn payload_address(&self) -> usize {
        self.as_ptr() as usize
    }
}
