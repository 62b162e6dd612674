//! What can go wrong with starting and cancelling operations.

use std::fmt;

/// Why an operation was not started. It posts no packet.
///
/// ```
/// use ringport::port::StartError;
/// use ringport::{CompletionPort, UdpSocket};
///
/// let port = CompletionPort::new(1)?;
/// let socket = port.associate_udp(&UdpSocket::bind("127.0.0.1:0")?, 7)?;
/// port.close();
/// let refused = socket.receive(vec![0; 100], 0).unwrap_err();
/// assert_eq!(refused.error, StartError::Closed);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// As many operations are outstanding on the handle as may be.
    #[error(
        "{limit} operations are outstanding on this handle and one more was asked for; {limit} are allowed: wait \
         for packets, or call set_limit"
    )]
    LimitReached {
        /// The limit.
        limit: usize,
    },
    /// The handle or its port is closed.
    #[error("the handle or its completion port is closed")]
    Closed,
}

/// An operation that was not started, with its buffer as it was.
///
/// ```
/// use ringport::port::StartError;
/// use ringport::{CompletionPort, UdpSocket};
///
/// let port = CompletionPort::new(1)?;
/// let socket = port.associate_udp(&UdpSocket::bind("127.0.0.1:0")?, 7)?;
/// socket.set_limit(1)?;
/// socket.receive(vec![0; 100], 1)?;
/// let refused = socket.receive(vec![0; 50], 2).unwrap_err();
/// assert_eq!(refused.error, StartError::LimitReached { limit: 1 });
/// assert_eq!(refused.buffer.len(), 50);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct NotStarted<B> {
    /// The buffer, to use again.
    pub buffer: B,
    /// Why it was not started.
    pub error: StartError,
}

impl<B> fmt::Debug for NotStarted<B> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("NotStarted").field("error", &self.error).finish_non_exhaustive()
    }
}

impl<B> fmt::Display for NotStarted<B> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(formatter)
    }
}

impl<B> std::error::Error for NotStarted<B> {}

/// Why nothing was cancelled.
///
/// ```
/// use ringport::port::CancelError;
/// use ringport::{CompletionPort, UdpSocket};
///
/// let port = CompletionPort::new(1)?;
/// let socket = port.associate_udp(&UdpSocket::bind("127.0.0.1:0")?, 7)?;
/// assert_eq!(socket.cancel_all(), Err(CancelError::NotFound));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CancelError {
    /// There is nothing to cancel: what was started is done (`ERROR_NOT_FOUND`).
    #[error("there is nothing to cancel: the operation is done, or nothing is outstanding")]
    NotFound,
}

/// A limit of operations that is not possible.
///
/// ```
/// use ringport::{CompletionPort, UdpSocket};
///
/// let port = CompletionPort::new(1)?;
/// let socket = port.associate_udp(&UdpSocket::bind("127.0.0.1:0")?, 7)?;
/// let refused = socket.set_limit(0).unwrap_err();
/// assert_eq!((refused.asked, refused.most), (0, 1_048_576));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a limit of {asked} outstanding operations was asked for; 1 to {most} are possible")]
#[non_exhaustive]
pub struct LimitError {
    /// What was asked for.
    pub asked: usize,
    /// The most that is possible.
    pub most: usize,
}
