//! Registered memory and buffers: regions, pools, chains, reservations.

mod budget;
mod chains;
mod exhaustion;
mod growth;
mod objects;
mod regions;
mod reservations;
mod rig;
mod sizes;

use crate::framework::row::Section;

/// See the module.
pub(crate) const SECTION: Section = Section {
    name: "buffers",
    title: "Registered memory and buffers",
    tables: &[
        &regions::TABLE,
        &budget::TABLE,
        &objects::TABLE,
        &growth::TABLE,
        &sizes::TABLE,
        &chains::TABLE,
        &reservations::TABLE,
        &exhaustion::TABLE,
    ],
};
