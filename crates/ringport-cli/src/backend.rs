//! The choice of a backend, checked before anything is started with it.

use ringport::BackendChoice;
use ringport::backend::{self, BackendError, Explanation};

use crate::failure::Failure;

/// Which backend a choice leads to here, and why.
pub(crate) fn explain(choice: BackendChoice) -> Result<Explanation, Failure> {
    backend::explain(choice).map_err(|error| match error {
        BackendError::Variable(_) => Failure::usage(error.to_string()),
        _ => Failure::failed(error.to_string()),
    })
}
