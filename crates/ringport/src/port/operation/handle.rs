//! What all handles of a port have in common.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use super::super::error::PortError;
use super::super::system::{PortCore, association_error};
use super::error::{CancelError, LimitError, NotStarted, StartError};
use super::started::{OperationId, Started};
use crate::backend::BackendKind;
use crate::backend::plain::{
    Begun, Descriptor, Engine, Holding, OperationBuffer, Place, Refusal, Request, Subject, What,
};
use crate::backend::sys::descriptor::AsFd;
use crate::net::{Claim, Sides};

/// The most operations that may be outstanding on one handle.
const MOST_OUTSTANDING: usize = 1 << 20;

/// A handle's place at its port. When the last clone is dropped, it is closed.
#[derive(Clone)]
pub(super) struct Handle(Arc<Inner>);

struct Inner {
    core: Arc<PortCore>,
    engine: Arc<Engine>,
    place: Place,
    key: u64,
    descriptor: Descriptor,
}

impl Inner {
    fn close(&self) {
        self.engine.detach(&self.place, &mut |done| self.core.deliver_operation(done));
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

impl Handle {
    pub(super) fn new(
        core: &Arc<PortCore>,
        descriptor: Descriptor,
        subject: Subject,
        key: u64,
    ) -> Result<Handle, PortError> {
        let engine = core.engine()?;
        let claim = match subject {
            // A file that was opened twice is one file, too, and nothing is lost by that.
            Subject::File => None,
            _ => Some(claim(&descriptor)?),
        };
        let holding = Holding { descriptor: descriptor.clone(), subject, key, _claim: claim };
        let place = engine.attach(holding).map_err(association_error)?.ok_or(PortError::Closed)?;
        Ok(Handle(Arc::new(Inner { core: Arc::clone(core), engine, place, key, descriptor })))
    }

    pub(super) fn key(&self) -> u64 {
        self.0.key
    }

    pub(super) fn descriptor(&self) -> &Descriptor {
        &self.0.descriptor
    }

    pub(super) fn backend(&self) -> BackendKind {
        self.0.engine.kind()
    }

    /// Starts an operation.
    #[inline]
    pub(super) fn start<B>(
        &self,
        what: What,
        peer: Option<SocketAddr>,
        buffer: B,
        into: impl FnOnce(B) -> OperationBuffer,
        context: u64,
    ) -> Result<Started, NotStarted<B>> {
        let make = |buffer: B| Request {
            number: 0,
            context,
            what,
            progress: 0,
            buffer: into(buffer),
            peer,
            accepted: None,
        };
        match self.0.engine.start(&self.0.place, buffer, make) {
            Ok(Begun::Pending(number)) => Ok(Started::Pending(OperationId(number))),
            Ok(Begun::Done { done, skip: true, .. }) => Ok(Started::Done(done)),
            Ok(Begun::Done { done, number, .. }) => {
                self.0.core.deliver_operation(done);
                Ok(Started::Pending(OperationId(number)))
            }
            Err((refusal, buffer)) => {
                let error = match refusal {
                    Refusal::Closed => StartError::Closed,
                    Refusal::Limit(limit) => StartError::LimitReached { limit },
                };
                Err(NotStarted { buffer, error })
            }
        }
    }

    pub(super) fn cancel(&self, operation: OperationId) -> Result<(), CancelError> {
        let inner = &*self.0;
        let found =
            inner.engine.cancel(&inner.place, operation.0, &mut |done| inner.core.deliver_operation(done));
        if found { Ok(()) } else { Err(CancelError::NotFound) }
    }

    pub(super) fn cancel_all(&self) -> Result<usize, CancelError> {
        let inner = &*self.0;
        match inner.engine.cancel_all(&inner.place, &mut |done| inner.core.deliver_operation(done)) {
            0 => Err(CancelError::NotFound),
            count => Ok(count),
        }
    }

    pub(super) fn set_limit(&self, operations: usize) -> Result<(), LimitError> {
        if operations == 0 || operations > MOST_OUTSTANDING {
            return Err(LimitError { asked: operations, most: MOST_OUTSTANDING });
        }
        self.0.engine.set_limit(&self.0.place, operations);
        Ok(())
    }

    pub(super) fn set_skip(&self, skip: bool) {
        self.0.engine.set_skip(&self.0.place, skip);
    }

    pub(super) fn outstanding(&self) -> usize {
        self.0.engine.outstanding(&self.0.place)
    }

    pub(super) fn close(self) {
        self.0.close();
    }
}

fn claim(descriptor: &Descriptor) -> Result<Claim, PortError> {
    Claim::take(descriptor.as_fd(), Sides::BOTH)
        .map_err(|source| PortError::System { what: "telling a socket from others", source })?
        .ok_or(PortError::AlreadyAssociated)
}

impl fmt::Debug for Handle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Handle")
            .field("key", &self.0.key)
            .field("descriptor", &self.0.descriptor)
            .field("outstanding", &self.outstanding())
            .finish_non_exhaustive()
    }
}
