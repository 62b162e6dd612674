//! What the rows have shown so far.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::backends::Backend;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Outcome {
    Passed,
    Failed,
}

/// By the name of the row and that of the backend.
#[derive(Debug, Default)]
pub(super) struct Results(Mutex<HashMap<(String, &'static str), Outcome>>);

impl Results {
    pub(super) fn add(&self, id: &str, backend: &'static Backend, passed: bool) {
        let outcome = if passed { Outcome::Passed } else { Outcome::Failed };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert((id.to_owned(), backend.name), outcome);
    }

    pub(super) fn of(&self, id: &str, backend: &Backend) -> Option<Outcome> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&(id.to_owned(), backend.name)).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}
