//! What starting an operation gives.

use super::Done;

/// Names an operation among those of its handle, to cancel it. It is never used again.
///
/// ```
/// use ringport::port::{CancelError, Started};
/// use ringport::{CompletionPort, UdpSocket};
///
/// let port = CompletionPort::new(1)?;
/// let socket = port.associate_udp(&UdpSocket::bind("127.0.0.1:0")?, 7)?;
/// let Started::Pending(operation) = socket.receive(vec![0; 100], 0)? else { panic!("nothing was sent") };
/// socket.cancel(operation)?;
/// port.wait(None)?; // its packet: aborted
/// assert_eq!(socket.cancel(operation), Err(CancelError::NotFound));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OperationId(pub(super) u64);

/// An operation was started.
///
/// ```
/// use ringport::port::Started;
/// use ringport::{CompletionPort, UdpSocket};
///
/// let port = CompletionPort::new(1)?;
/// let socket = UdpSocket::bind("127.0.0.1:0")?;
/// let associated = port.associate_udp(&socket, 7)?;
/// associated.skip_on_success(true);
/// match associated.send_to(b"hello".to_vec(), socket.local_addr()?, 0)? {
///     Started::Done(done) => assert_eq!(done.result()?, 5), // it posts no packet
///     Started::Pending(_) => println!("the socket was full: its packet comes later"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub enum Started {
    /// Its one packet comes, or is queued already.
    Pending(OperationId),
    /// It is done, and posts no packet. Only where the handle says so
    /// ([`skip_on_success`](super::PortUdpSocket::skip_on_success)).
    Done(Done),
}

impl Started {
    /// The name of an operation whose packet comes.
    ///
    /// ```
    /// use ringport::{CompletionPort, UdpSocket};
    ///
    /// let port = CompletionPort::new(1)?;
    /// let socket = port.associate_udp(&UdpSocket::bind("127.0.0.1:0")?, 7)?;
    /// assert!(socket.receive(vec![0; 100], 0)?.pending().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn pending(&self) -> Option<OperationId> {
        match self {
            Started::Pending(operation) => Some(*operation),
            Started::Done(_) => None,
        }
    }
}
