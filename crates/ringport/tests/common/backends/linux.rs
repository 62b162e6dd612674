//! io_uring and epoll.

use ringport::BackendChoice;

pub(crate) const ALL: &[BackendChoice] = &[BackendChoice::Uring, BackendChoice::Epoll];

macro_rules! tests_of {
    (by $run:path: $name:ident) => {
        mod $name {
            #[test]
            fn uring() {
                let test = $crate::backends::test_name(concat!(module_path!(), "::uring"));
                $run(test, ringport::BackendChoice::Uring, super::$name);
            }

            #[test]
            fn epoll() {
                let test = $crate::backends::test_name(concat!(module_path!(), "::epoll"));
                $run(test, ringport::BackendChoice::Epoll, super::$name);
            }
        }
    };
}
pub(crate) use tests_of;
