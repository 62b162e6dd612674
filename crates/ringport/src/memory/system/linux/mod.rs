//! The pools' ground on Linux.

pub(crate) mod headroom;
pub(crate) mod lock;
mod numa;
pub(crate) mod numbers;
pub(crate) mod pages;
pub(crate) mod search;
pub(crate) mod stretch;
