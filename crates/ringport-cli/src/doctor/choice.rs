//! Which backend a program gets that asks for nothing, and what of the better one is there.

use ringport::backend;
use ringport::{BackendChoice, BackendKind};
use serde::Serialize;

/// The choice and what led to it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Choice {
    /// The backend that a program gets that asks for nothing; None: it would get an error.
    pub(super) chosen: Option<String>,
    pub(super) why: String,
    /// The backend of a TCP server or client that asks for nothing.
    pub(super) chosen_for_tcp: Option<String>,
    /// What RINGPORT_BACKEND asks for, if it is set.
    pub(super) forced: Option<String>,
}

impl Choice {
    /// As things are. `for_tcp`: what TCP has where nothing is forced; None: what all others have.
    pub(super) fn here(for_tcp: Option<BackendKind>) -> Choice {
        let (chosen, why) = match backend::explain(BackendChoice::Automatic) {
            Ok(explanation) => (Some(explanation.kind.to_string()), explanation.reason),
            Err(error) => (None, error.to_string()),
        };
        let forced = std::env::var("RINGPORT_BACKEND").ok().filter(|word| !word.is_empty());
        let is_free =
            forced.as_deref().is_none_or(|word| matches!(word.parse(), Ok(BackendChoice::Automatic)));
        let for_tcp = for_tcp.filter(|_| is_free).map(|kind| kind.to_string());
        Choice { chosen_for_tcp: for_tcp.or_else(|| chosen.clone()), chosen, why, forced }
    }
}

/// One capability of the kernel that was tried.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Feature {
    pub(super) name: &'static str,
    /// The backend cannot do without it.
    pub(super) required: bool,
    pub(super) available: bool,
    /// What the kernel answered where it is not.
    pub(super) error: Option<String>,
}

impl Feature {
    /// All that the library tries.
    pub(super) fn all() -> Vec<Feature> {
        let told = |report: backend::FeatureReport| Feature {
            name: report.feature,
            required: report.required,
            available: report.present,
            error: report.error,
        };
        backend::features().into_iter().map(told).collect()
    }
}
