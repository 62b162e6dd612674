//! What a handler sends: answers in the slice of the question, and copies to anybody.
//!
//! ```text
//!   reply() ──► follows the answer before it, in memory and in its mark? ── yes ──► joins it: nothing is sent yet
//!                                │ no
//!                                ▼
//!              what was answered before leaves as a reply of its own, and this one begins another run
//! ```

use std::net::SocketAddr;

use super::Datagram;
use crate::memory::{Buffer, Cut};
use crate::server::delivery::correspondents;
use crate::server::error::SendError;
use crate::server::outlet::{Answer, Outlet, Reply};

impl Datagram<'_> {
    /// Sends the payload back to its sender, from the slice it stands in, without a copy.
    ///
    /// It leaves from the address the datagram came to, unless that is a group's or a broadcast address. The
    /// replies of a batch leave together, those to one peer in order, and as one message where their lengths allow
    /// it: the system cuts it into datagrams again. A reply that the system does not take is counted
    /// ([`ThreadCounters::replies_dropped`](crate::server::ThreadCounters::replies_dropped)).
    #[inline]
    pub fn reply(self) {
        // Its bytes join those answered before, unless they are elsewhere or others than those that follow.
        let mut this = self;
        if this.moved.is_some() || !this.segment.join(this.tag) {
            this.reply_apart();
        }
    }

    /// Sends what was answered before, which it could not join, and then itself.
    #[cold]
    fn reply_apart(self) {
        let Datagram { mut segment, outlet, moved, tag, .. } = self;
        send_before(outlet, segment.slice().take_run());
        let Some(buffer) = moved else {
            // There is no run any more that it could not join.
            _ = segment.join(tag);
            return;
        };
        let cut = Cut::one(buffer.len(), tag);
        let (peer, source) = correspondents(segment.slice(), outlet.site());
        outlet.reply(Reply { answer: Answer::Copy(buffer), cut, peer, source });
    }

    /// Replies with the first `len` bytes of [`slice_mut`](Datagram::slice_mut), which has an example.
    ///
    /// # Errors
    /// [`SendError::TooLong`] where `len` is more than [`slice_size`](crate::server::UdpServer::slice_size), and
    /// [`SendError::Exhausted`] where it is more than the payload has and no slice is free; nothing is sent then.
    pub fn reply_len(mut self, len: usize) -> Result<(), SendError> {
        self.set_len(len)?;
        self.reply();
        Ok(())
    }

    /// Replies with these bytes, copied into the slice.
    ///
    /// # Errors
    /// As [`reply_len`](Datagram::reply_len).
    ///
    /// ```
    /// use ringport::UdpServer;
    ///
    /// let server = UdpServer::bind("127.0.0.1:0")?.start(|datagram| {
    ///     if let Err(error) = datagram.reply_with(b"pong") {
    ///         eprintln!("{error}");
    ///     }
    /// })?;
    /// # let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// # client.send_to(b"ping", server.local_addr())?;
    /// # let mut bytes = [0; 16];
    /// # assert_eq!(client.recv(&mut bytes)?, 4);
    /// # assert_eq!(&bytes[..4], b"pong");
    /// # server.stop()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reply_with(mut self, bytes: &[u8]) -> Result<(), SendError> {
        self.set_len(bytes.len())?;
        self.payload_mut().copy_from_slice(bytes);
        self.reply();
        Ok(())
    }

    /// Sends a copy of some bytes to anybody, from this server's socket. It leaves with the replies of the
    /// batch, in order with those. From other threads use a [`Sender`](crate::server::Sender).
    ///
    /// # Errors
    /// [`SendError`] when no slice is free for the copy, or too many are on their way.
    pub fn send_copy(&self, peer: SocketAddr, bytes: &[u8]) -> Result<(), SendError> {
        send_before(self.outlet, self.segment.slice().take_run());
        self.outlet.send_copy(peer, bytes)
    }
}

/// Sends what was answered before something else.
#[inline]
fn send_before(outlet: &dyn Outlet, run: Option<(Buffer, Cut)>) {
    if let Some((buffer, cut)) = run {
        let (peer, source) = correspondents(&buffer, outlet.site());
        outlet.reply(Reply { answer: Answer::Part(buffer), cut, peer, source });
    }
}
