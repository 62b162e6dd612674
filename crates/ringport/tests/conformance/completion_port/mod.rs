//! The completion port: packets, threads, operations, and completion queues on a port.

use crate::framework::row::Section;

/// See the module.
pub(crate) const SECTION: Section =
    Section { name: "completion_port", title: "The completion port", tables: &[] };
