//! The choice of a backend, checked before anything is started with it.

use ringport::BackendChoice;
use ringport::backend::{self, BackendError, Explanation};

use crate::failure::Failure;
use crate::protocol::Protocol;
use crate::sys::FOR_STREAMS;

/// Which backend a choice leads to here, and why.
pub(crate) fn explain(choice: BackendChoice) -> Result<Explanation, Failure> {
    backend::explain(choice).map_err(|error| match error {
        BackendError::Variable(_) => Failure::usage(error.to_string()),
        _ => Failure::failed(error.to_string()),
    })
}

/// Which one a choice leads to for a server of this protocol, in words.
pub(crate) fn reason(choice: BackendChoice, protocol: Protocol) -> Result<String, Failure> {
    let explanation = explain(choice)?;
    let is_free = choice == BackendChoice::Automatic && std::env::var_os("RINGPORT_BACKEND").is_none();
    Ok(match protocol {
        Protocol::Tcp if is_free => FOR_STREAMS.map_or_else(|| explanation.to_string(), Into::into),
        _ => explanation.to_string(),
    })
}
