//! Overlapped operations and Registered I/O.
//!
//! Where the stand-in table is built in, it is what Registered I/O is here; otherwise the system's own is, if it has it.

#[cfg(ringport_stand_in)]
#[path = "../../stand_in/install.rs"]
mod stand_in;

use ringport::BackendChoice;

pub(crate) const ALL: &[BackendChoice] = &[BackendChoice::Overlapped, BackendChoice::Rio];

macro_rules! tests_of {
    (by $run:path: $name:ident) => {
        mod $name {
            #[test]
            fn overlapped() {
                let test = $crate::backends::test_name(concat!(module_path!(), "::overlapped"));
                $run(test, ringport::BackendChoice::Overlapped, super::$name);
            }

            #[test]
            fn rio() {
                let test = $crate::backends::test_name(concat!(module_path!(), "::rio"));
                $run(test, ringport::BackendChoice::Rio, super::$name);
            }
        }
    };
}
pub(crate) use tests_of;
