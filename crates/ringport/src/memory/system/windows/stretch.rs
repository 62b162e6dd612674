//! A stretch of memory that a backend registers as a whole (`RIORegisterBuffer`): the slices of a region, or the
//! headers beside the caller's own memory.
//!
//! ```text
//!   region opened      first post into it            region retired
//!   open(base, len) -> register(..): the id --------> close(): deregistered (the owner is dropped),
//!                      looked up by id() ever after            and then the pages go
//! ```
//!
//! Whoever asks holds a slice of the region, so it cannot be closed meanwhile. Looking the id up is one read.

use std::fmt;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicIsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a backend knows of a stretch that it registered. Dropping it deregisters.
pub(crate) trait Registration: Send + Sync {
    /// What the requests name it by (`RIO_BUFFERID`).
    fn id(&self) -> isize;
}

/// `RIO_INVALID_BUFFERID`: what no registration has as its id.
const NONE: isize = 0xffff_ffff;

struct Held {
    base: NonNull<u8>,
    len: usize,
    owner: Option<Box<dyn Registration>>,
}

// SAFETY: the pointer is an address that is only handed on; the registration says that it may be sent.
unsafe impl Send for Held {}

pub(crate) struct Stretch {
    id: AtomicIsize,
    held: Mutex<Option<Held>>,
}

impl fmt::Debug for Stretch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Stretch").field("id", &self.id()).finish_non_exhaustive()
    }
}

/// Why a stretch has no id.
#[derive(Debug)]
pub(crate) enum RegisterError<E> {
    /// It was closed: nobody who holds a slice of it sees that.
    Closed,
    /// The backend's reason.
    Refused(E),
}

impl Stretch {
    pub(crate) const fn new() -> Stretch {
        Stretch { id: AtomicIsize::new(NONE), held: Mutex::new(None) }
    }

    fn held(&self) -> MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The memory is there from now on.
    pub(crate) fn open(&self, base: NonNull<u8>, len: usize) {
        *self.held() = Some(Held { base, len, owner: None });
    }

    /// The memory is about to go: deregisters it.
    pub(crate) fn close(&self) {
        let held = self.held().take();
        self.id.store(NONE, Ordering::Relaxed);
        drop(held);
    }

    /// The id, once it is registered.
    #[inline]
    pub(crate) fn id(&self) -> Option<isize> {
        Some(self.id.load(Ordering::Acquire)).filter(|id| *id != NONE)
    }

    /// The id, registering the whole stretch if nobody did: `register` is given its start and its length. One thread
    /// does it, others wait; a refusal leaves it as it was.
    #[cold]
    pub(crate) fn register<E>(
        &self,
        register: impl FnOnce(NonNull<u8>, usize) -> Result<Box<dyn Registration>, E>,
    ) -> Result<isize, RegisterError<E>> {
        let mut held = self.held();
        let Some(held) = held.as_mut() else { return Err(RegisterError::Closed) };
        if let Some(owner) = &held.owner {
            return Ok(owner.id());
        }
        let owner = register(held.base, held.len).map_err(RegisterError::Refused)?;
        let id = owner.id();
        held.owner = Some(owner);
        self.id.store(id, Ordering::Release);
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    struct Counted(isize, Arc<AtomicUsize>);

    impl Registration for Counted {
        fn id(&self) -> isize {
            self.0
        }
    }

    impl Drop for Counted {
        fn drop(&mut self) {
            self.1.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn it_is_registered_once_and_deregistered_when_it_closes() {
        let gone = Arc::new(AtomicUsize::new(0));
        let mut byte = 0;
        let (stretch, base) = (Stretch::new(), NonNull::from(&mut byte));
        let never = |_, _| -> Result<Box<dyn Registration>, ()> { unreachable!("nothing to register") };
        assert!(matches!(stretch.register(never), Err(RegisterError::Closed)));
        for id in [5, 0] {
            stretch.open(base, 1);
            assert_eq!(stretch.id(), None);
            assert!(matches!(stretch.register(|_, _| Err("no")), Err(RegisterError::Refused("no"))));
            assert_eq!(stretch.id(), None);
            let made = stretch.register(|start, len| {
                assert_eq!((start, len), (base, 1));
                Ok::<_, ()>(Box::new(Counted(id, Arc::clone(&gone))))
            });
            assert_eq!((made.unwrap(), stretch.id()), (id, Some(id)));
            assert_eq!(stretch.register(never).unwrap(), id);
            let before = gone.load(Ordering::Relaxed);
            stretch.close();
            assert_eq!((stretch.id(), gone.load(Ordering::Relaxed)), (None, before + 1));
        }
    }
}
