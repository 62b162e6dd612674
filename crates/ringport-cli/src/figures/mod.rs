//! Figures read from outside, out of /proc: of another process as a whole, of sockets, of the machine.

pub(crate) mod machine;
pub(crate) mod process;
pub(crate) mod series;
pub(crate) mod sockets;
pub(crate) mod system;
mod text;
