//! Other libraries, and loops written by hand.

use super::Peer;

/// In the order of the tables.
pub(super) const ALL: &[&dyn Peer] = &[];
