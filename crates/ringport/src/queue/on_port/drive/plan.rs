//! What a queue on a port is made from.

use std::sync::Arc;

use super::Drive;
use crate::backend::contract::Contract;
use crate::memory;
use crate::queue::builder::CompletionQueueBuilder;
use crate::queue::core::{Core, LARGEST};
use crate::queue::error::QueueError;
use crate::queue::on_port::notifier::Target;
use crate::queue::on_port::pump::Pump;
use crate::queue::on_port::ready::Drainer;
use crate::queue::on_port::shared::{Parts, Shared};

/// See the module.
pub(in super::super) struct Plan {
    pub(in super::super) options: CompletionQueueBuilder,
    pub(in super::super) key: u64,
    pub(in super::super) target: Target,
}

impl Plan {
    /// Puts a queue together around its backend.
    pub(super) fn make(
        self,
        backend: Box<dyn Contract>,
        drive: Drive,
    ) -> Result<(Arc<Shared>, Pump), QueueError> {
        let Plan { options, key, target } = self;
        let mut core = Core::new(backend, LARGEST, false, options.waiting)?;
        core.watch_wake().map_err(|source| QueueError::System { what: "watching for wake-ups", source })?;
        let room = options.size.max(options.grows_to);
        let (completed, reader) = memory::ring(room);
        let (posts, posted) = memory::ring(room);
        let parts = Parts {
            key,
            kind: core.kind(),
            size: options.size,
            results_per_packet: options.results_per_packet,
            target,
            completed,
            posts,
            signals: Arc::clone(&core.signals),
            drive,
        };
        let shared = Arc::new(Shared::new(parts));
        shared.berth.put(Box::new(Drainer::new(Arc::clone(&shared), reader)));
        let pump = Pump::new(core, Arc::clone(&shared), posted);
        Ok((shared, pump))
    }
}
