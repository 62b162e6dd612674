//! The server as its clients see it: a process of its own, real sockets, each backend.

mod connections;
mod files;
mod limits;
mod refusals;
mod rig;
mod stopping;
