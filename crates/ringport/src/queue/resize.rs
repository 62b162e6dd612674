//! Changing the limits of a request queue, and cancelling what is outstanding.

use super::core::Core;
use super::error::QueueError;
use super::limits::Limits;
use super::request_queue::{End, RequestQueue};
use crate::backend::contract::Operation;
use crate::net::RegisteredSocket;

impl<S: RegisteredSocket> RequestQueue<S> {
    /// Changes the limits; what is outstanding stays (`RIOResizeRequestQueue`). A direction that was made
    /// with limit 0 cannot be added.
    ///
    /// # Errors
    /// [`QueueError::InvalidLimits`], [`QueueError::InUse`] below what is outstanding,
    /// [`QueueError::NoRoom`] when a completion queue has no place for more. Nothing changes then.
    pub fn resize(&self, limits: Limits) -> Result<(), QueueError> {
        if let Some(fault) = limits.fault() {
            return Err(QueueError::InvalidLimits(fault));
        }
        let old = self.limits.get();
        let added = (old.receives == 0 && limits.receives > 0) || (old.sends == 0 && limits.sends > 0);
        if added {
            return Err(QueueError::InvalidLimits("a direction whose limit was 0 cannot be added"));
        }
        let outstanding = self.outstanding();
        for (what, asked, needed) in
            [("receives", limits.receives, outstanding.receives), ("sends", limits.sends, outstanding.sends)]
        {
            if asked < needed {
                return Err(QueueError::InUse { what, asked: asked as usize, needed: needed as usize });
            }
        }
        self.make_room(old, limits)?;
        if let Some(end) = self.receive.as_ref() {
            end.set_limit(Operation::Receive, limits.receives, limits.receive_buffers);
        }
        if let Some(end) = self.send.as_ref() {
            end.set_limit(Operation::Send, limits.sends, limits.send_buffers);
        }
        self.limits.set(limits);
        Ok(())
    }

    /// Reserves what is more and gives back what is less; all or nothing.
    fn make_room(&self, old: Limits, new: Limits) -> Result<(), QueueError> {
        let more = |new: u32, old: u32| new.saturating_sub(old) as usize;
        let (more_receives, more_sends) = (more(new.receives, old.receives), more(new.sends, old.sends));
        let (fewer_receives, fewer_sends) = (more(old.receives, new.receives), more(old.sends, new.sends));
        let with = |end: &Option<End>, change: &mut dyn FnMut(&mut Core) -> Result<(), QueueError>| {
            end.as_ref().map_or(Ok(()), |end| change(&mut end.core.borrow_mut()))
        };
        if self.same_attachment() {
            return with(&self.receive, &mut |core| {
                core.reserve((more_receives + more_sends).saturating_sub(fewer_receives + fewer_sends))?;
                core.unreserve((fewer_receives + fewer_sends).saturating_sub(more_receives + more_sends));
                Ok(())
            });
        }
        with(&self.receive, &mut |core| core.reserve(more_receives))?;
        if let Err(error) = with(&self.send, &mut |core| core.reserve(more_sends)) {
            return with(&self.receive, &mut |core| {
                core.unreserve(more_receives);
                Ok(())
            })
            .and(Err(error));
        }
        for (end, fewer) in [(&self.receive, fewer_receives), (&self.send, fewer_sends)] {
            with(end, &mut |core| {
                core.unreserve(fewer);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Cancels everything outstanding, as closing does, and stays usable: each request completes as
    /// aborted or with its data. Registered I/O of Windows may let go of requests only when their socket is closed: those
    /// stay posted.
    pub fn cancel(&self) {
        let same = self.same_attachment();
        let send = self.send.as_ref().filter(|_| !same);
        for end in self.receive.iter().chain(send) {
            end.core.borrow_mut().cancel_and_go_on(end.key);
        }
    }
}

impl End {
    fn set_limit(&self, operation: Operation, limit: u32, buffers: u32) {
        self.core.borrow_mut().set_limit(self.key, operation, limit, buffers);
    }
}
