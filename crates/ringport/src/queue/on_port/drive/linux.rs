//! On Linux each queue has a thread.

use std::sync::Arc;

use super::Plan;
use super::thread::Running;
use crate::backend;
use crate::queue::error::QueueError;
use crate::queue::on_port::shared::Shared;

pub(in super::super) use super::thread::Thread as Drive;

/// What queues have to do with the packets of their port: nothing.
pub(crate) trait Attended {}

impl<T> Attended for T {}

/// What a port has for its queues beside taking their packets: nothing.
pub(crate) trait Station {}

impl<T> Station for T {}

pub(super) fn start(plan: Plan) -> Result<(Arc<Shared>, Running), QueueError> {
    Running::start(plan, |options| backend::open(options.choice, options.size), |thread| thread)
}
