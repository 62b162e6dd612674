//! What request queues of connections and listeners can do beyond moving bytes, from any thread.

use std::net::SocketAddr;

use super::end::End;
use super::outbox::{Outbox, Posted};
use super::post::Into;
use super::requests::PortRequestQueue;
use crate::backend::contract::{Outward, Payload, SendRequest};
use crate::memory::BufferPool;
use crate::net::{StreamListener, StreamSocket};
use crate::queue::error::PostError;
use crate::queue::options::Receive;

impl<S> PortRequestQueue<S> {
    /// Charges a receive, if it may be posted.
    #[inline]
    pub(super) fn admit_receive(&self, slices: usize) -> Result<&End, PostError> {
        let end = self.receive.as_ref().ok_or(PostError::NoDirection("receives"))?;
        end.check_pump()?;
        end.admit(&end.side.receive, slices, "receives", "receive_buffers")?;
        Ok(end)
    }

    /// Charges a send, if it may be posted.
    pub(super) fn admit_send(&self, slices: usize) -> Result<(&End, &Outbox), PostError> {
        let end = self.send.as_ref().ok_or(PostError::NoDirection("sends"))?;
        let outbox = end.side.outbox.as_ref().ok_or(PostError::NoDirection("sends"))?;
        end.admit(&end.side.send, slices, "sends", "send_buffers")?;
        Ok((end, outbox))
    }
}

impl PortRequestQueue<StreamSocket> {
    /// Posts a receive that takes its slice from `pool` only when there are bytes for it: see
    /// [`RequestQueue::receive_pooled`](crate::RequestQueue::receive_pooled).
    ///
    /// One that names another pool than those posted before it completes as aborted.
    ///
    /// # Errors
    /// [`PostError`] when the request is not possible. An empty pool is no error.
    #[inline]
    pub fn receive_pooled(&self, pool: &BufferPool, options: Receive, token: u64) -> Result<(), PostError> {
        if options.addresses {
            return Err(PostError::NotSupported("addresses (datagrams only)"));
        }
        let end = self.admit_receive(1)?;
        end.post(Into::Pooled(pool.clone()), options, token);
        Ok(())
    }

    /// Connects to `peer` (`ConnectEx`): see [`RequestQueue::connect`](crate::RequestQueue::connect).
    ///
    /// # Errors
    /// [`PostError`] when the request is not possible; that the peer is not there is told by the completion.
    pub fn connect(&self, peer: SocketAddr, token: u64) -> Result<(), PostError> {
        self.post_outward(Outward::Connect, Some(peer), token)
    }

    /// Ends what is sent, behind the sends that are posted: see
    /// [`RequestQueue::finish`](crate::RequestQueue::finish).
    ///
    /// # Errors
    /// [`PostError`] when the request is not possible.
    pub fn finish(&self, token: u64) -> Result<(), PostError> {
        self.post_outward(Outward::Finish, None, token)
    }

    fn post_outward(&self, what: Outward, peer: Option<SocketAddr>, token: u64) -> Result<(), PostError> {
        let (end, outbox) = self.admit_send(1)?;
        let payload = Payload::None;
        let request = SendRequest {
            payload,
            token,
            peer,
            control: None,
            segment: 0,
            notifies: true,
            what,
            retried: false,
        };
        outbox.post(Posted { request, control: None, defer: false }, &end.shared, end.side.id);
        Ok(())
    }
}

impl PortRequestQueue<StreamListener> {
    /// Takes the next connection (`AcceptEx`): see [`RequestQueue::accept`](crate::RequestQueue::accept).
    ///
    /// # Errors
    /// [`PostError`] when the request is not possible.
    pub fn accept(&self, token: u64) -> Result<(), PostError> {
        let end = self.admit_receive(1)?;
        end.post(Into::Nothing, Receive::new(), token);
        Ok(())
    }
}
