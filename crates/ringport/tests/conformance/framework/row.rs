//! What the tables of the suite are made of.

use crate::World;

/// One part of the model, such as registered I/O.
#[derive(Debug)]
pub(crate) struct Section {
    /// The first part of the names of its tests.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) tables: &'static [&'static Table],
}

/// Rows of one subject.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) rows: &'static [Row],
}

/// One rule.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) promise: &'static str,
    pub(crate) proof: Proof,
    /// What is different on a backend, by its name.
    pub(crate) differences: &'static [(&'static str, &'static str)],
    /// Why Windows has no test of it here, if so.
    pub(crate) not_on_windows: Option<&'static str>,
    /// Why its test does not run under Wine, if so.
    pub(crate) not_under_wine: Option<&'static str>,
}

impl Row {
    /// Whether it has a test that runs on this system.
    pub(crate) fn runs_here(&self) -> bool {
        let is_missing = cfg!(windows) && self.not_on_windows.is_some()
            || self.not_under_wine.is_some() && crate::system::is_wine();
        matches!(self.proof, Proof::Test { .. }) && !is_missing
    }

    /// Why it was not tested on the backends of Windows, if so.
    pub(crate) fn missing_in_columns_of_windows(&self) -> Option<String> {
        let on_windows = self.not_on_windows.map(|reason| format!("not tested on Windows: {reason}"));
        on_windows.or_else(|| self.not_under_wine.map(|reason| format!("not tested under Wine: {reason}")))
    }
}

/// Stands where a test is not on this system.
#[cfg(not(target_os = "linux"))]
pub(crate) fn not_here(_: &World) {}

/// How a rule is known to hold.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Proof {
    /// A test that passes on each backend, and fails where the rig breaks its rule, in the way that is told.
    Test { run: fn(&World), broken_by: &'static str },
    /// Programs in the documentation of this source file, under this heading, that do not compile.
    ByType { file: &'static str, heading: &'static str },
    /// Nothing to run on these backends, for this reason.
    Elsewhere(&'static str),
}

/// A row together with its whole name.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) id: String,
    pub(crate) row: &'static Row,
}

/// All rows of all sections, in order.
pub(crate) fn all(sections: &'static [&'static Section]) -> Vec<Named> {
    let mut rows = Vec::new();
    for section in sections {
        for table in section.tables {
            let named = |row: &'static Row| Named { id: id(section, table, row), row };
            rows.extend(table.rows.iter().map(named));
        }
    }
    rows
}

/// The whole name of a row, which is also that of its fault.
pub(crate) fn id(section: &Section, table: &Table, row: &Row) -> String {
    format!("{}::{}::{}", section.name, table.name, row.name)
}

/// A row that runs: its function, what it promises, how the rig breaks it, what is different where, and why it is not
/// tested on Windows. One that is `only on linux` has its function there only.
macro_rules! row {
    ($test:ident, $promise:literal, broken by $fault:literal $(, on $backend:literal: $difference:literal)* $(,)?) => {
        $crate::framework::row::Row {
            name: stringify!($test),
            promise: $promise,
            proof: $crate::framework::row::Proof::Test { run: $test, broken_by: $fault },
            differences: &[$(($backend, $difference)),*],
            not_on_windows: None,
            not_under_wine: None,
        }
    };
    ($test:ident, $promise:literal, broken by $fault:literal, not under wine: $reason:literal $(,)?) => {
        $crate::framework::row::Row {
            name: stringify!($test),
            promise: $promise,
            proof: $crate::framework::row::Proof::Test { run: $test, broken_by: $fault },
            differences: &[],
            not_on_windows: None,
            not_under_wine: Some($reason),
        }
    };
    ($test:ident, $promise:literal, broken by $fault:literal, not on windows: $reason:literal $(,)?) => {
        $crate::framework::row::Row {
            name: stringify!($test),
            promise: $promise,
            proof: $crate::framework::row::Proof::Test { run: $test, broken_by: $fault },
            differences: &[],
            not_on_windows: Some($reason),
            not_under_wine: None,
        }
    };
    ($test:ident, $promise:literal, broken by $fault:literal, only on linux: $reason:literal $(,)?) => {
        $crate::framework::row::Row {
            name: stringify!($test),
            promise: $promise,
            proof: $crate::framework::row::Proof::Test {
                #[cfg(target_os = "linux")]
                run: $test,
                #[cfg(not(target_os = "linux"))]
                run: $crate::framework::row::not_here,
                broken_by: $fault,
            },
            differences: &[],
            not_on_windows: Some($reason),
            not_under_wine: None,
        }
    };
}
pub(crate) use row;

/// A row that the types keep: where the programs are that do not compile.
macro_rules! by_type {
    ($name:ident, $promise:literal, $file:literal, $heading:literal $(,)?) => {
        $crate::framework::row::Row {
            name: stringify!($name),
            promise: $promise,
            proof: $crate::framework::row::Proof::ByType { file: $file, heading: $heading },
            differences: &[],
            not_on_windows: None,
            not_under_wine: None,
        }
    };
}
pub(crate) use by_type;

/// A row that no backend of this system can show.
macro_rules! elsewhere {
    ($name:ident, $promise:literal, $reason:literal $(,)?) => {
        $crate::framework::row::Row {
            name: stringify!($name),
            promise: $promise,
            proof: $crate::framework::row::Proof::Elsewhere($reason),
            differences: &[],
            not_on_windows: None,
            not_under_wine: None,
        }
    };
}
pub(crate) use elsewhere;
