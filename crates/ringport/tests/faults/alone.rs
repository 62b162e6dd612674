//! A fault in a process of its own, and the check that all of them share: everything is returned.

use ringport::{BackendChoice, BufferPool};

use crate::backends;
use crate::common::child::{Child, inside};
use crate::common::system::{descriptors, locked, threads};
use crate::common::until;

/// Makes a test for each backend of each function that takes a [`BackendChoice`] and gives the pools it used; with
/// `in two networks:`, in namespaces of the kind that `network` makes.
macro_rules! alone_on_each_backend {
    (in two networks: $($name:ident),+ $(,)?) => {
        $crate::backends::on_each_backend!(by $crate::network::run: $($name),+);
    };
    ($($name:ident),+ $(,)?) => {
        $crate::backends::on_each_backend!(by $crate::alone::run: $($name),+);
    };
}
pub(crate) use alone_on_each_backend;

/// Runs a fault on a backend, in a process of its own, or prints why that cannot run here.
pub(crate) fn run(test: &str, choice: BackendChoice, fault: fn(BackendChoice) -> Vec<BufferPool>) {
    if inside() {
        // The first thing that this process does with the library, so what that tries once is tried in there.
        return checked(|| fault(choice));
    }
    match backends::refusal(choice) {
        None => drop(Child::new(test, None).run()),
        Some(refusal) => eprintln!("skipped: {refusal}"),
    }
}

/// Runs a fault in this process, which is its own, and checks that everything is returned.
pub(crate) fn checked(fault: impl FnOnce() -> Vec<BufferPool>) {
    let before = Holdings::now();
    let pools = fault();
    before.are_all_there_is();
    for pool in &pools {
        let figures = pool.figures();
        assert_eq!((figures.free, figures.used), (figures.slices, 0), "slices are missing: {figures:?}");
        assert_eq!((figures.receiving, figures.sending), (0, 0), "slices are in flight: {figures:?}");
    }
}

/// What a process has that must be given back.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Holdings {
    descriptors: usize,
    threads: usize,
    /// Kilobytes: the slices of pools that are gone, too, where memory may be locked.
    locked: u64,
}

impl Holdings {
    fn now() -> Holdings {
        Holdings { descriptors: descriptors(), threads: threads(), locked: locked() }
    }

    fn are_all_there_is(&self) {
        // A thread that was joined may be in the list for an instant more.
        let is_back = || Some(Holdings::now()).filter(|now| now.threads <= self.threads);
        let now = until("the threads to be gone", is_back);
        assert!(now.descriptors <= self.descriptors, "descriptors are left behind: {self:?}, then {now:?}");
        assert!(now.locked <= self.locked, "locked memory is left behind: {self:?}, then {now:?}");
    }
}
