//! Figures read from outside, by what the system tells: of another process as a whole, and of the machine.

pub(crate) mod machine;
pub(crate) mod process;
pub(crate) mod series;
pub(crate) mod system;
