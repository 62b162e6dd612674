//! Overlapped operations and Registered I/O.

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
