//! What can be refused to a handler, and what to change.

use thiserror::Error;

/// A reply that was not taken, for it does not fit into what its connection may still send. Nothing of it was.
///
/// A handler is called only when [`largest_reply`](crate::TcpServer::largest_reply) bytes fit, so one that keeps to
/// that is never refused.
///
/// ```
/// use ringport::TcpServer;
/// use std::io::Write;
///
/// let server = TcpServer::bind("127.0.0.1:0")?.slice_size(4096).largest_reply(1000);
/// let mut client = std::net::TcpStream::connect(server.local_addr())?;
/// client.write_all(b"hello")?;
/// server.run(|mut message| {
///     let refused = message.connection().send(&[0; 1 << 20]).unwrap_err();
///     assert!(refused.room >= 1000);
///     message.connection().stop_server();
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "{asked} bytes were to be sent, and {room} fit: send less for a message, or raise largest_reply(..); a room of 0 \
     also means that slices which handlers keep are missing, see spare_slices(..)"
)]
pub struct SendRefused {
    /// The bytes that were to be sent.
    pub asked: usize,
    /// The bytes that fit now.
    pub room: usize,
}
