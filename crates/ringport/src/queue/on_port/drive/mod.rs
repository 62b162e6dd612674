//! Who works for a queue, and how that is asked for.
//!
//! | | a thread | in turns |
//! | --- | --- | --- |
//! | for | io_uring, epoll, overlapped operations | Registered I/O |
//! | works | the pump, a thread of the queue's own | whichever thread takes a packet, dequeues, re-arms, posts or asks |
//! | is told by | the event that it sleeps on | a packet of the port |
//! | because | a ring belongs to one thread, and an overlapped operation may end with its | a request belongs to none, and the system's queue tells a port by itself |

#[cfg(target_os = "linux")]
mod linux;
mod plan;
mod thread;
#[cfg(windows)]
mod turns;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use self::linux as system;
#[cfg(windows)]
use self::windows as system;

use std::sync::Arc;

pub(super) use plan::Plan;
pub(super) use system::Drive;
pub(crate) use system::{Attended, Station};
pub(super) use thread::Running;

use super::shared::Shared;
use crate::queue::error::QueueError;

impl Plan {
    /// Makes the queue, which works from now on.
    pub(super) fn start(self) -> Result<(Arc<Shared>, Running), QueueError> {
        system::start(self)
    }
}

impl Shared {
    /// Has the pump do what it is asked for.
    #[inline]
    pub(super) fn wake_pump(&self) {
        self.drive.wake(self);
    }

    /// Whether the pump is at work in the calling thread: a listener of [`notice`](crate::notice) may ask there, too.
    pub(super) fn is_pump_here(&self) -> bool {
        self.drive.is_here()
    }

    /// Whoever has the right found nothing: whether there may be something now.
    #[inline]
    pub(super) fn bring(&self) -> bool {
        self.drive.bring(self)
    }

    /// The right was laid down, so that somebody has to tell what comes next.
    #[inline]
    pub(super) fn note_armed(&self) {
        self.drive.note_armed(self);
    }

    /// Somebody wants to know what has completed, whether a thread waits at the port or not.
    #[inline]
    pub(super) fn survey(&self) {
        self.drive.survey(self);
    }
}
