//! Puts the stand-in in place before a suite begins. A suite that includes this runs on "rio" under Wine.

#[path = "table/mod.rs"]
mod table;

/// What the loader calls before `main`.
#[used]
#[unsafe(link_section = ".CRT$XCU")]
static INSTALL: extern "C" fn() = install;

extern "C" fn install() {
    // SAFETY: the table is written to behave as the documentation says.
    unsafe { ringport::backend::install_stand_in(&table::table()) };
}
