//! Registered memory and buffers: regions, pools, chains, reservations.

use crate::framework::row::Section;

/// See the module.
pub(crate) const SECTION: Section =
    Section { name: "buffers", title: "Registered memory and buffers", tables: &[] };
