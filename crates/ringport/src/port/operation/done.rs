//! Reading the result of an operation.

use std::io;
use std::net::{SocketAddr, TcpStream};

use super::{Done, OperationBuffer};
use crate::backend::decode_address;
use crate::backend::plain::{Status, What};
use crate::memory::{BufferMut, HasHeader};
use crate::net::ControlMessages;

/// Which operation it was.
///
/// ```
/// use ringport::port::OperationKind;
/// use ringport::{CompletionPort, Packet, UdpSocket};
///
/// let port = CompletionPort::new(1)?;
/// let socket = UdpSocket::bind("127.0.0.1:0")?;
/// port.associate_udp(&socket, 7)?.send_to(b"hello".to_vec(), socket.local_addr()?, 0)?;
/// let Packet::Operation(done) = port.wait(None)? else { panic!("nothing else was posted") };
/// assert_eq!(done.kind(), OperationKind::Send);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OperationKind {
    /// A file was read.
    Read,
    /// A file was written.
    Write,
    /// A datagram, or bytes of a stream, were received.
    Receive,
    /// A datagram, or bytes down a stream, were sent.
    Send,
    /// A connection was taken.
    Accept,
    /// A stream was connected.
    Connect,
}

/// Why an operation gave nothing, or not all.
///
/// ```
/// use ringport::port::OperationFailure;
/// use ringport::{CompletionPort, Packet, UdpSocket};
///
/// let port = CompletionPort::new(1)?;
/// let socket = UdpSocket::bind("127.0.0.1:0")?;
/// let associated = port.associate_udp(&socket, 7)?;
/// associated.receive(Vec::with_capacity(3), 0)?;
/// associated.send_to(b"hello".to_vec(), socket.local_addr()?, 0)?;
/// for _ in 0..2 {
///     let Packet::Operation(done) = port.wait(None)? else { panic!("nothing else was posted") };
///     match done.result() {
///         Err(OperationFailure::Truncated { delivered }) => assert_eq!(delivered, 3),
///         sent => assert_eq!(sent?, 5),
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OperationFailure {
    /// Nothing more comes: the file ends at or before the offset (`ERROR_HANDLE_EOF`), the peer of a stream sends
    /// no more, or a socket was shut down.
    #[error("the end is reached: nothing more comes")]
    EndOfFile,
    /// The datagram was larger than the buffer; this many bytes of it are there (`ERROR_MORE_DATA`).
    #[error("the datagram was larger than the buffer: {delivered} bytes were delivered")]
    Truncated {
        /// Bytes delivered.
        delivered: usize,
    },
    /// It was cancelled, or its handle was closed (`ERROR_OPERATION_ABORTED`).
    #[error("the operation was cancelled")]
    Aborted,
    /// The system refused it.
    #[error("the system refused the operation: {0}")]
    Failed(io::Error),
}

impl Done {
    /// The key of its handle.
    #[inline]
    pub fn key(&self) -> u64 {
        self.key
    }

    /// What it was started with.
    #[inline]
    pub fn context(&self) -> u64 {
        self.request.context
    }

    /// Which operation it was.
    #[inline]
    pub fn kind(&self) -> OperationKind {
        match self.request.what {
            What::Read(_) => OperationKind::Read,
            What::Write(_) => OperationKind::Write,
            What::Receive(_) => OperationKind::Receive,
            What::Send | What::SendAll => OperationKind::Send,
            What::Accept => OperationKind::Accept,
            What::Connect => OperationKind::Connect,
        }
    }

    /// Bytes transferred, also by an operation that failed after a part.
    #[inline]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The bytes transferred, or why not all of them.
    ///
    /// # Errors
    /// [`OperationFailure`].
    #[inline]
    pub fn result(&self) -> Result<usize, OperationFailure> {
        match self.status {
            Status::Success => Ok(self.bytes),
            Status::End => Err(OperationFailure::EndOfFile),
            Status::Truncated => Err(OperationFailure::Truncated { delivered: self.bytes }),
            Status::Aborted => Err(OperationFailure::Aborted),
            Status::Failed(error) => Err(OperationFailure::Failed(io::Error::from_raw_os_error(error))),
        }
    }

    /// The other side's address: where a datagram came from, if it was asked for; where one was sent to, a stream
    /// connected to, or a connection came from.
    #[inline]
    pub fn peer(&self) -> Option<SocketAddr> {
        match self.received_slice() {
            Some(slice) => decode_address(slice.name_bytes()),
            None => self.request.peer,
        }
    }

    /// The control messages of a datagram that was received into a slice with
    /// [`receive_message`](super::PortUdpSocket::receive_message).
    pub fn control(&self) -> ControlMessages<'_> {
        ControlMessages::new(self.received_slice().map_or(&[], HasHeader::control_bytes))
    }

    /// The buffer of the operation.
    #[inline]
    pub fn buffer(&self) -> &OperationBuffer {
        &self.request.buffer
    }

    /// The bytes that were received or read; those of the whole buffer for an operation that sends.
    #[inline]
    pub fn received(&self) -> &[u8] {
        let bytes = self.request.buffer.bytes();
        match self.request.what {
            What::Receive(_) | What::Read(_) => bytes.get(..self.bytes).unwrap_or(bytes),
            _ => bytes,
        }
    }

    /// Takes the buffer out, in the form it was given.
    #[inline]
    pub fn into_buffer(self) -> OperationBuffer {
        self.request.buffer
    }

    /// Takes the slice of an operation that was given a [`BufferMut`]; `None` for any other, whose buffer is
    /// dropped.
    #[inline]
    pub fn into_unique(self) -> Option<BufferMut> {
        match self.request.buffer {
            OperationBuffer::Unique(buffer) => Some(buffer),
            _ => None,
        }
    }

    /// Takes the vector of an operation that was given one; `None` for any other, whose buffer is dropped.
    #[inline]
    pub fn into_vec(self) -> Option<Vec<u8>> {
        match self.request.buffer {
            OperationBuffer::Vec(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Takes the connection that was accepted. It is in blocking mode, as the standard library makes them.
    pub fn into_stream(self) -> Option<TcpStream> {
        self.request.accepted.map(TcpStream::from)
    }

    /// The slice whose headroom says where a datagram came from.
    #[inline]
    fn received_slice(&self) -> Option<&BufferMut> {
        match (&self.request.buffer, self.request.what) {
            (OperationBuffer::Unique(buffer), What::Receive(_)) => Some(buffer),
            _ => None,
        }
    }
}
