//! Which backend runs on Windows, and whether the system has Registered I/O.

use ringport::BackendChoice;
use ringport::backend;
use serde::Serialize;

use crate::doctor::choice::{Choice, Feature};

/// The choice and what led to it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Backend {
    #[serde(flatten)]
    pub(super) choice: Choice,
    pub(super) registered_io: RegisteredIo,
}

/// What was found out about Registered I/O.
#[derive(Clone, Debug, Serialize)]
pub(super) struct RegisteredIo {
    pub(super) available: bool,
    /// Why it is not.
    pub(super) refusal: Option<String>,
    pub(super) features: Vec<Feature>,
}

impl Backend {
    pub(super) fn here() -> Backend {
        let refusal = backend::explain(BackendChoice::Rio).err().map(|error| match error {
            backend::BackendError::RioUnavailable { reason } => reason,
            other => other.to_string(),
        });
        Backend {
            choice: Choice::here(None),
            registered_io: RegisteredIo { available: refusal.is_none(), refusal, features: Feature::all() },
        }
    }
}
