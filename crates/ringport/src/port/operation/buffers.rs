//! What can be received into, read into, sent and written.

use super::OperationBuffer;
use crate::memory::{Buffer, BufferMut};

mod sealed {
    use super::OperationBuffer;

    pub trait IntoOperation: Sized {
        fn into_operation(self) -> OperationBuffer;
    }
}
pub(super) use sealed::IntoOperation;

/// A buffer that the system may write into: [`BufferMut`], `Vec<u8>`, `Box<[u8]>`. No other type can be one.
///
/// A slice is filled up to its capacity, and so is a vector, whose length then says how much came. A box keeps its
/// length; [`Done::bytes`](super::Done::bytes) says how much came.
///
/// ```
/// use ringport::{BufferPool, CompletionPort, Packet, UdpSocket};
///
/// let port = CompletionPort::new(1)?;
/// let socket = UdpSocket::bind("127.0.0.1:0")?;
/// let associated = port.associate_udp(&socket, 7)?;
/// let pool = BufferPool::builder().slices_per_region(4).build()?;
/// associated.receive(pool.take()?, 1)?;
/// associated.receive(Vec::with_capacity(100), 2)?;
/// associated.receive(vec![0; 100].into_boxed_slice(), 3)?;
/// assert_eq!(associated.outstanding(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait ReadBuffer: IntoOperation {}

/// A buffer that can be sent or written: [`BufferMut`] and [`Buffer`], whose filled part that is, `Vec<u8>`,
/// `Box<[u8]>`. No other type can be one. A shared slice may be in many operations at once.
///
/// ```
/// use ringport::{BufferPool, CompletionPort, UdpSocket};
///
/// let port = CompletionPort::new(1)?;
/// let socket = port.associate_udp(&UdpSocket::bind("127.0.0.1:0")?, 7)?;
/// let pool = BufferPool::builder().slices_per_region(4).build()?;
/// let peers = [std::net::UdpSocket::bind("127.0.0.1:0")?, std::net::UdpSocket::bind("127.0.0.1:0")?];
/// let news = pool.take_with(b"news")?.freeze();
/// for peer in &peers {
///     socket.send_to(news.clone(), peer.local_addr()?, 0)?; // one slice, two sends
/// }
/// for peer in &peers {
///     assert_eq!(peer.recv(&mut [0; 16])?, 4);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait WriteBuffer: IntoOperation {}

macro_rules! buffers {
    ($($type:ty => $variant:ident;)*) => {$(
        impl IntoOperation for $type {
            #[inline]
            fn into_operation(self) -> OperationBuffer {
                OperationBuffer::$variant(self)
            }
        }
        impl WriteBuffer for $type {}
    )*};
}

buffers! {
    BufferMut => Unique;
    Buffer => Shared;
    Vec<u8> => Vec;
    Box<[u8]> => Boxed;
}

impl ReadBuffer for BufferMut {}
impl ReadBuffer for Vec<u8> {}
impl ReadBuffer for Box<[u8]> {}
