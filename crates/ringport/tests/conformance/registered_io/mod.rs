//! Registered I/O: registered memory, completion queues, request queues, and the fifteen classic mistakes.

mod completion_queues;
mod dequeue;
mod memory;
mod pitfalls;
mod posting;

use crate::framework::row::Section;

/// See the module.
pub(crate) const SECTION: Section = Section {
    name: "registered_io",
    title: "Registered I/O",
    tables: &[&memory::TABLE, &completion_queues::TABLE, &posting::TABLE, &dequeue::TABLE, &pitfalls::TABLE],
};
