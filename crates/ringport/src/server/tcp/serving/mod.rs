//! From completions to connections: the threads of a TCP server at work.

mod desk;
mod on_port;
mod own;
mod queues;
mod table;

pub(super) use desk::Parts;
pub(super) use on_port::Hub;
pub(super) use own::Station;
