//! The pools' ground on Windows.

pub(crate) mod headroom;
pub(crate) mod lock;
pub(crate) mod numbers;
pub(crate) mod pages;
pub(crate) mod place;
mod privilege;
pub(crate) mod search;
pub(crate) mod stretch;
