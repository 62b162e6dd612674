//! The stand that the comparisons are run on: processes and how they speak, what they count, what they cost.
//!
//! ```text
//!   driver ──orders──► sender process ──datagrams──► receiver process (one candidate)
//!     ├──"count"──────────────────────────────────►  part: its counts, a number a thread
//!     └── process: processor time and context switches, read from outside
//! ```
//!
//! Each comparison is a program that plays all three roles; what they have in common is here.

pub mod batch;
pub mod child;
pub mod clients;
pub mod control;
pub mod day;
pub mod machine;
pub mod memory;
pub mod part;
pub mod process;
pub mod provided;
pub mod quartiles;
pub mod replies;
pub mod ring;
pub mod slices;
pub mod streams;

/// Anything that ends a program, told in one line.
pub type Failure = Box<dyn std::error::Error>;
