//! Ways to let one registered queue move between threads: several threads, one socket, addresses wanted.
//!
//! The kernel runs its part of an io_uring request on the thread that submitted it, so a queue does not move by
//! itself. Each file is one way to have it move all the same, and [`until_empty`] is what the others have to beat.

pub(crate) mod leader;
pub(crate) mod pump;
pub(crate) mod shared_ring;
pub(crate) mod until_empty;
