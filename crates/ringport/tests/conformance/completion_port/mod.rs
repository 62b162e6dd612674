//! The completion port: packets, threads, operations, and completion queues on a port.

mod associating;
mod blocking;
mod cancelling;
mod closing;
mod creating;
mod membership;
mod operations;
mod order;
mod posting;
mod queues;
mod rig;
mod skipping;
mod waiting;
mod waiting_for_many;

use crate::framework::row::Section;

/// See the module.
pub(crate) const SECTION: Section = Section {
    name: "completion_port",
    title: "The completion port",
    tables: &[
        &creating::TABLE,
        &associating::TABLE,
        &operations::TABLE,
        &skipping::TABLE,
        &waiting::TABLE,
        &waiting_for_many::TABLE,
        &posting::TABLE,
        &cancelling::TABLE,
        &blocking::TABLE,
        &membership::TABLE,
        &closing::TABLE,
        &queues::TABLE,
        &order::TABLE,
    ],
};
