//! The conformance suite: every rule of the model as a row, every row on every backend, and every rule broken once.
//!
//! ```text
//!   sections ─► tables ─► rows ──┬─► on each backend ───────────► must pass ──► docs/conformance.md
//!                                └─► rig with one rule broken ──► exactly that row must fail
//!
//!   row ──► rig (the suite's own handles; here rules are broken) ──► ringport ──► kernel
//! ```
//!
//! `cargo test -p ringport --test conformance` runs all of it; a word behind `--` selects by name, as in
//! `registered_io::dequeue`, `::epoll` or `broken::`.
//!
//! # To add a row
//! 1. Write a function that takes `&World` in the file of its table, beside the others. It works through the [`rig`]
//!    only, asserts what its row promises and nothing else (so that no other broken rule fails it), waits with
//!    [`World::until`] only, and asserts on its own thread.
//! 2. List it in the table of that file: `row!(name, "what it promises", broken by "what the fault does")`. What
//!    the types forbid is a `by_type!`, what cannot be shown here an `elsewhere!`.
//!    Handles that only one section needs are in a `rig` of that section.
//! 3. Break it in the rig: `if world.breaks("section::table::name") { .. }` at the place where the rule is
//!    kept. The name of the row is the name of the fault. A narrow fault is a good one: it must fail this row only.
//! 4. Run `RINGPORT_CONFORMANCE=write cargo test -p ringport --test conformance`, which writes the page anew.
//!
//! `RINGPORT_CONFORMANCE=reasons cargo test -p ringport --test conformance broken::` tells how each row failed while its
//! rule was broken.
//!
//! # To add a backend
//! Add its line to [`framework::backends::BACKENDS`].

// The rows may fail like tests, which they are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod buffers;
mod completion_port;
mod framework;
mod registered_io;
mod rig;
#[path = "../common/system/mod.rs"]
mod system;

use framework::row::Section;
pub(crate) use framework::world::World;

/// What the suite is made of, in the order of the page.
const SECTIONS: &[&Section] = &[&registered_io::SECTION, &buffers::SECTION, &completion_port::SECTION];

fn main() -> std::process::ExitCode {
    framework::run(SECTIONS)
}
