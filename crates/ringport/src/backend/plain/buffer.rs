//! What an operation reads into or sends from: owned, whatever its form.

use crate::memory::{Buffer, BufferMut, Received, Use};

/// The buffer of an operation, in the form it was given.
///
/// ```
/// use ringport::port::OperationBuffer;
/// use ringport::{CompletionPort, Packet, UdpSocket};
///
/// let port = CompletionPort::new(1)?;
/// let socket = UdpSocket::bind("127.0.0.1:0")?;
/// let associated = port.associate_udp(&socket, 1)?;
/// associated.send_to(b"to myself".to_vec(), socket.local_addr()?, 0)?;
/// let Packet::Operation(done) = port.wait(None)? else { panic!("nothing else was posted") };
/// match done.into_buffer() {
///     OperationBuffer::Vec(bytes) => assert_eq!(bytes, b"to myself"),
///     other => panic!("it was a vector: {other:?}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
#[non_exhaustive]
pub enum OperationBuffer {
    /// A unique slice of a pool.
    Unique(BufferMut),
    /// A shared slice that was sent or written.
    Shared(Buffer),
    /// A vector. What was received into it begins at its start, and its length says how much that is.
    Vec(Vec<u8>),
    /// Bytes of a fixed length, whose first were received into.
    Boxed(Box<[u8]>),
    /// There is none: accepting and connecting need no buffer.
    #[default]
    None,
}

impl OperationBuffer {
    /// Where a receive writes, and how many bytes fit. A shared slice takes none.
    pub(crate) fn room(&mut self) -> (*mut u8, usize) {
        match self {
            OperationBuffer::Unique(buffer) => (buffer.payload_ptr(), buffer.capacity()),
            OperationBuffer::Vec(bytes) => (bytes.as_mut_ptr(), bytes.capacity()),
            OperationBuffer::Boxed(bytes) => (bytes.as_mut_ptr(), bytes.len()),
            OperationBuffer::Shared(_) | OperationBuffer::None => (std::ptr::dangling_mut(), 0),
        }
    }

    /// What a send reads.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            OperationBuffer::Unique(buffer) => buffer,
            OperationBuffer::Shared(buffer) => buffer,
            OperationBuffer::Vec(bytes) => bytes,
            OperationBuffer::Boxed(bytes) => bytes,
            OperationBuffer::None => &[],
        }
    }

    /// Takes over what the kernel wrote: the first `length` bytes, and what stands in the headroom.
    ///
    /// # Safety
    /// The first `length` bytes of [`room`](OperationBuffer::room), or all if there are fewer, were written.
    pub(crate) unsafe fn fill(&mut self, length: usize, received: Received) {
        match self {
            OperationBuffer::Unique(buffer) => {
                buffer.set_received(u32::try_from(length).unwrap_or(u32::MAX), received);
            }
            // SAFETY: the caller says that these bytes were written, and no more than fit.
            OperationBuffer::Vec(bytes) => unsafe { bytes.set_len(length.min(bytes.capacity())) },
            _ => {}
        }
    }

    /// Marks a slice for the figures of its pool.
    pub(crate) fn mark(&self, to: Use) {
        match self {
            OperationBuffer::Unique(buffer) => buffer.set_use(to),
            OperationBuffer::Shared(buffer) => match to {
                Use::Sending => buffer.begin_send(),
                _ => buffer.end_send(),
            },
            _ => {}
        }
    }
}
