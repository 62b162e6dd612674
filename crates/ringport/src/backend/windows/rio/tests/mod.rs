//! The carrier, over the stand-in for the system's functions.

mod datagrams;
mod ending;
mod lingering;
mod notification;
mod pairs;
mod queues;
mod rig;
mod streams;
#[path = "../../../../../tests/stand_in/table/mod.rs"]
mod table;
