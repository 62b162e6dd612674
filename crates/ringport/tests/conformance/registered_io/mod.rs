//! Registered I/O: registered memory, completion queues, request queues, and the fifteen classic mistakes.

mod addresses;
mod closing;
mod completion_queues;
mod dequeue;
mod flags;
mod memory;
mod notification;
mod order;
mod pitfalls;
mod posting;
mod request_queues;
mod streams;
mod values;

use crate::framework::row::Section;

/// See the module.
pub(crate) const SECTION: Section = Section {
    name: "registered_io",
    title: "Registered I/O",
    tables: &[
        &values::TABLE,
        &memory::TABLE,
        &completion_queues::TABLE,
        &request_queues::TABLE,
        &posting::TABLE,
        &addresses::TABLE,
        &flags::TABLE,
        &dequeue::TABLE,
        &notification::TABLE,
        &closing::TABLE,
        &order::TABLE,
        &streams::TABLE,
        &pitfalls::TABLE,
    ],
};
