//! Which thread may have a backend: the one that opened it, for a ring of io_uring belongs to it.

/// Nothing is asked of a backend that stays where it is.
pub(crate) trait Movable {}

impl<T> Movable for T {}
