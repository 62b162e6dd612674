//! Which thread may have a backend: any, one at a time.

/// No call of the system asks which thread makes it, so a backend goes to whoever works for its queue.
pub(crate) trait Movable: Send {}

impl<T: Send> Movable for T {}
