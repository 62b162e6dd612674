//! Receives that threads have posted: the pump takes them up, and is woken for more where few are left.
//!
//! ```text
//!   posts ──► table ──► backend
//!               │ less than a quarter of the limit is left of some side
//!               └──► before a rest: wishes to be woken by whoever posts
//! ```

use std::sync::atomic::Ordering;

use super::{Pump, is_low};
use crate::backend::contract::{Completion, Operation, Outcome, Payload};
use crate::queue::on_port::post::{Into, Post};
use crate::queue::options::Receive;

impl Pump {
    /// Takes up receives that were posted.
    pub(super) fn take_posts(&mut self) {
        while let Some(post) = self.posts.pop() {
            let Post { id, options, token, into } = post;
            let key = self.keys.get(id as usize).copied().flatten();
            let operation = if let Into::Nothing = into { Operation::Accept } else { Operation::Receive };
            let kept = match (key, into) {
                (Some(key), Into::Slice(buffer)) => {
                    let posted = self.core.post_receive(key, buffer, options, token);
                    posted.map_err(|refused| Payload::Unique(refused.buffer))
                }
                (Some(key), Into::Chain(chain)) => {
                    let posted = self.core.post_receive(key, chain, options, token);
                    posted.map_err(|refused| Payload::ChainMut(refused.buffer))
                }
                (Some(key), Into::Pooled(pool)) => {
                    self.core.post_bare(key, Some(&pool), options, token).map_err(|_| Payload::None)
                }
                (Some(key), Into::Nothing) => {
                    self.core.post_bare(key, None, options, token).map_err(|_| Payload::None)
                }
                (Some(key), Into::Pool(pool)) => {
                    self.core.post_from_pool(key, &pool, options, token).map_err(|_| Payload::None)
                }
                (None, Into::Slice(buffer)) => Err(Payload::Unique(buffer)),
                (None, Into::Chain(chain)) => Err(Payload::ChainMut(chain)),
                (None, Into::Pool(_) | Into::Pooled(_) | Into::Nothing) => Err(Payload::None),
            };
            if let Err(payload) = kept {
                self.abort(id, operation, payload, options, token);
            }
        }
    }

    /// A receive was accepted, and then the backend would not have it: it completes, as each must.
    #[cold]
    fn abort(&mut self, id: u32, operation: Operation, payload: Payload, options: Receive, token: u64) {
        let side = self.shared.books().sides.get(id as usize).cloned().flatten();
        self.shared.complete(&mut vec![Completion {
            payload,
            token,
            socket_context: side.map_or(0, |side| side.context),
            bytes: 0,
            key: id,
            error: 0,
            outcome: Outcome::Aborted,
            operation,
            notifies: !options.silent,
        }]);
    }

    /// Before a rest: wishes to hear of receives where few are left; `false` when some were posted already.
    pub(super) fn wish_for_posts(&mut self) -> bool {
        // Of a thousand that are low one is enough to know; so only those before it are looked at.
        while let Some(key) = self.low.first().filter(|key| !is_low(&self.core.table, *key)) {
            self.low.next();
            let side = self.attached.get(key as usize).and_then(Option::as_ref);
            side.iter().for_each(|side| side.low.store(false, Ordering::Relaxed));
        }
        let posts = &self.posts;
        self.low.is_empty() || self.shared.wants_posts.state(|| posts.has_more())
    }
}
