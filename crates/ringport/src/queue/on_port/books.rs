//! The request queues of a completion queue on a port, and the places that are reserved for them.
//!
//! ```text
//!   sides    [ s0 | s1 |    | s3 | ... ]     the place of a side is the key of its completions
//!                        ▲
//!   free     [ 2 ]  ─────┘                   given out again
//!   changed  { 2 3 }                         since whoever drains the queue has looked
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::outbox::Outbox;
use super::quota::Quota;
use crate::backend::Turns;
use crate::backend::contract::Operation;
use crate::queue::error::QueueError;

/// One request queue, as far as this completion queue is concerned.
#[derive(Debug)]
pub(super) struct Side {
    /// Its place in the books: the key of its completions.
    pub(super) id: u32,
    pub(super) context: u64,
    pub(super) receive: Quota,
    pub(super) send: Quota,
    pub(super) outbox: Option<Outbox>,
    /// The pump has few receives left of it, and wants to hear of more.
    pub(super) low: AtomicBool,
    pub(super) closed: AtomicBool,
}

impl Side {
    fn places(&self) -> usize {
        self.receive.limit() as usize + self.send.limit() as usize
    }

    pub(super) fn quota(&self, operation: Operation) -> &Quota {
        if operation.is_inward() { &self.receive } else { &self.send }
    }

    /// Closed, and all of its completions are dequeued.
    pub(super) fn is_done(&self) -> bool {
        self.closed.load(Ordering::Acquire) && self.receive.is_free() && self.send.is_free()
    }
}

/// Who is on the queue, and what is reserved.
#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) size: usize,
    pub(super) reserved: usize,
    pub(super) sides: Vec<Option<Arc<Side>>>,
    /// Places among them that are free again.
    free: Vec<u32>,
    /// Places that changed since whoever drains the queue has looked.
    pub(super) changed: Turns,
}

impl Books {
    /// Those of a completion queue of this size.
    pub(super) fn new(size: usize) -> Books {
        Books { size, ..Books::default() }
    }

    /// How many sides there are.
    pub(super) fn count(&self) -> usize {
        self.sides.len() - self.free.len()
    }

    /// Reserves the places of a side and enters it. It is made only where there is room, for its memory is that of all
    /// the requests it allows.
    pub(super) fn enter(
        &mut self,
        asked: usize,
        make: impl FnOnce(u32) -> Side,
    ) -> Result<Arc<Side>, QueueError> {
        if asked > self.size.saturating_sub(self.reserved) {
            return Err(QueueError::NoRoom { asked, reserved: self.reserved, size: self.size });
        }
        let id = self.free.pop().unwrap_or(self.sides.len() as u32);
        let side = Arc::new(make(id));
        self.reserved += asked;
        match self.sides.get_mut(id as usize) {
            Some(place) => *place = Some(Arc::clone(&side)),
            None => self.sides.push(Some(Arc::clone(&side))),
        }
        self.changed.add(id);
        Ok(side)
    }

    /// Forgets a side; `false` when that was done before.
    pub(super) fn forget(&mut self, side: &Side) -> bool {
        let place = self.sides.get_mut(side.id as usize);
        let found = place.and_then(|place| place.take_if(|other| std::ptr::eq(Arc::as_ptr(other), side)));
        if found.is_some() {
            self.reserved = self.reserved.saturating_sub(side.places());
            self.free.push(side.id);
            self.changed.add(side.id);
        }
        found.is_some()
    }
}
