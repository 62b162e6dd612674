//! Posting: receives, sends, and what is asked of each before it is accepted.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;

use super::end::End;
use super::outbox::Posted;
use super::post::Into;
use super::requests::PortRequestQueue;
use crate::backend::contract::{Outward, SendRequest};
use crate::memory::{BufferMut, BufferPool, Use};
use crate::net::{DataSocket, UdpSocket};
use crate::queue::buffers::{ReceiveBuffer, SendBuffer};
use crate::queue::error::{PostError, Refused};
use crate::queue::options::{Receive, Send};

impl<S: DataSocket> PortRequestQueue<S> {
    /// Posts a receive: payload only (`RIOReceive`).
    ///
    /// # Errors
    /// [`PostError`], with the buffer handed back.
    #[inline]
    pub fn receive<B: ReceiveBuffer>(&self, buffer: B, token: u64) -> Result<(), Refused<B>> {
        self.receive_with(buffer, Receive::new(), token)
    }

    /// Posts a receive with options.
    ///
    /// # Errors
    /// [`PostError`], with the buffer handed back.
    #[inline]
    pub fn receive_with<B: ReceiveBuffer>(
        &self,
        buffer: B,
        options: Receive,
        token: u64,
    ) -> Result<(), Refused<B>> {
        let end = match self.check_receive(buffer.slices(), options) {
            Ok(end) => end,
            Err(error) => return Err(Refused { buffer, error }),
        };
        end.post(buffer.into_posted(), options, token);
        Ok(())
    }

    /// Posts a receive for each of these slices, with what one costs for all of them. None is posted where the limit
    /// has no room for all, or the queue is closed; they stay then.
    #[inline]
    pub(crate) fn receive_all(&self, buffers: &mut Vec<BufferMut>, options: Receive, token: u64) {
        let Some(end) = self.receive.as_ref() else { return };
        if !buffers.is_empty() && !end.shared.is_closed() && end.side.receive.charge_all(buffers.len() as u32)
        {
            end.post_all(buffers, options, token);
        }
    }

    /// Posts a receive whose slice comes from `pool`: now, or as soon as one is returned to it.
    ///
    /// # Errors
    /// [`PostError`] when the request itself is not possible. An empty pool is no error.
    pub fn receive_when_free(
        &self,
        pool: &BufferPool,
        options: Receive,
        token: u64,
    ) -> Result<(), PostError> {
        let end = self.check_receive(1, options)?;
        end.post(Into::Pool(pool.clone()), options, token);
        Ok(())
    }

    /// Sends to the connected peer (`RIOSend`).
    ///
    /// # Errors
    /// [`PostError`], with the buffer handed back.
    pub fn send<B: SendBuffer>(&self, buffer: B, token: u64) -> Result<(), Refused<B>> {
        self.send_with(buffer, Send::new(), token)
    }

    /// Sends with options.
    ///
    /// # Errors
    /// [`PostError`], with the buffer handed back.
    pub fn send_with<B: SendBuffer>(
        &self,
        buffer: B,
        options: Send<'_>,
        token: u64,
    ) -> Result<(), Refused<B>> {
        if let Some(error) = options.fault(self.socket.handle_is_stream(), || self.is_connected()) {
            return Err(Refused { buffer, error });
        }
        let (end, outbox) = match self.admit_send(buffer.slices()) {
            Ok(admitted) => admitted,
            Err(error) => return Err(Refused { buffer, error }),
        };
        let payload = buffer.into_send();
        payload.mark(Use::Sending);
        let request = SendRequest {
            payload,
            token,
            peer: options.to,
            control: None,
            segment: options.segment,
            notifies: !options.silent,
            what: Outward::Data,
            retried: false,
        };
        let control = options.control.filter(|control| !control.is_empty()).cloned();
        outbox.post(Posted { request, control, defer: options.defer }, &end.shared, end.side.id);
        Ok(())
    }

    /// Sends everything deferred (`RIO_MSG_COMMIT_ONLY`). It makes no completion of its own and works when the
    /// queue is full.
    pub fn commit(&self) {
        if let Some(end) = self.send.as_ref()
            && let Some(outbox) = end.side.outbox.as_ref()
        {
            outbox.commit(&end.shared, end.side.id);
        }
    }

    /// Charges a receive, if one with these options may be posted.
    #[inline]
    pub(super) fn check_receive(&self, slices: usize, options: Receive) -> Result<&End, PostError> {
        match self.socket.handle_is_stream() {
            true if options.addresses => Err(PostError::NotSupported("addresses (datagrams only)")),
            false if options.wait_all => Err(PostError::NotSupported("WAITALL (streams only)")),
            _ => self.admit_receive(slices),
        }
    }

    fn is_connected(&self) -> bool {
        if !self.connected.load(Ordering::Relaxed) {
            self.connected.store(self.socket.handle().has_peer(), Ordering::Relaxed);
        }
        self.connected.load(Ordering::Relaxed)
    }
}

impl PortRequestQueue<UdpSocket> {
    /// Posts a receive that also gives the peer's address and control data (`RIOReceiveEx`).
    ///
    /// # Errors
    /// [`PostError`], with the buffer handed back.
    #[inline]
    pub fn receive_from<B: ReceiveBuffer>(&self, buffer: B, token: u64) -> Result<(), Refused<B>> {
        self.receive_with(buffer, Receive::new().addresses(), token)
    }

    /// Sends to `peer` (`RIOSendEx`).
    ///
    /// # Errors
    /// [`PostError`], with the buffer handed back.
    pub fn send_to<B: SendBuffer>(&self, buffer: B, peer: SocketAddr, token: u64) -> Result<(), Refused<B>> {
        self.send_with(buffer, Send::new().to(peer), token)
    }
}
