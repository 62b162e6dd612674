//! What can be received into and sent.

// The sealed traits name types of the crate's own; nobody outside can reach either.
#![allow(private_interfaces)]

use super::Receive;
use super::on_port::Into;
use crate::backend::contract::{Payload, ReceiveSide};
use crate::memory::{Buffer, BufferMut, Chain, ChainMut};

mod sealed {
    use super::{Payload, ReceiveSide};
    use crate::queue::Receive;

    /// Puts a buffer on a receive side, once the request was admitted.
    pub trait PostReceive: Sized {
        fn slices(&self) -> usize;
        fn post(self, side: &mut ReceiveSide, options: Receive, token: u64);
        fn into_posted(self) -> super::Into;
    }

    /// Turns a buffer into the slices of a send, once the request was admitted.
    pub trait IntoSend: Sized {
        fn slices(&self) -> usize;
        fn into_send(self) -> Payload;
    }
}

/// A buffer that the kernel may write into: [`BufferMut`], or [`ChainMut`] for scatter. Unique by type, so
/// nothing can be in flight twice.
///
/// No other type can be one. A [`ChainMut`] may have as many slices as
/// [`Limits::receive_buffers`](crate::Limits::receive_buffers) allows, up to 1,024.
///
/// ```
/// use ringport::ChainMut;
/// # use ringport::{BufferPool, CompletionQueue, Completions, Limits, RequestQueue, UdpSocket};
/// # let socket = UdpSocket::bind("127.0.0.1:0")?;
/// # let pool = BufferPool::builder().slice_size(8).slices_per_region(8).build()?;
/// # let mut queue = CompletionQueue::builder(8).polled()?;
/// # let limits = Limits { receives: 4, receive_buffers: 2, sends: 4, send_buffers: 2 };
/// # let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
/// let mut chain = ChainMut::new();
/// chain.push(pool.take()?);
/// chain.push(pool.take()?);
/// requests.receive(chain, 1)?; // scattered over 8 bytes and 8 bytes
/// requests.receive(pool.take()?, 2)?;
/// assert_eq!(requests.outstanding().receives, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait ReceiveBuffer: sealed::PostReceive {}

/// A buffer that can be sent: [`BufferMut`], [`Buffer`], and for gather [`ChainMut`] and [`Chain`]. The
/// shared ones may be in many sends at once.
///
/// No other type can be one. A chain may have as many slices as
/// [`Limits::send_buffers`](crate::Limits::send_buffers) allows, up to 1,024, and leaves as one datagram.
///
/// ```
/// # use ringport::{BufferPool, CompletionQueue, Completions, Limits, RequestQueue, UdpSocket};
/// # let socket = UdpSocket::bind("127.0.0.1:0")?;
/// # let pool = BufferPool::builder().slice_size(8).slices_per_region(8).build()?;
/// # let mut queue = CompletionQueue::builder(8).polled()?;
/// # let limits = Limits { receives: 4, receive_buffers: 2, sends: 4, send_buffers: 2 };
/// # let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
/// let peers = [std::net::UdpSocket::bind("127.0.0.1:0")?, std::net::UdpSocket::bind("127.0.0.1:0")?];
/// let news = pool.take_with(b"news")?.freeze();
/// for peer in &peers {
///     requests.send_to(news.clone(), peer.local_addr()?, 1)?; // one slice, two sends
/// }
/// for peer in &peers {
///     assert_eq!(peer.recv(&mut [0; 16])?, 4);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait SendBuffer: sealed::IntoSend {}

impl ReceiveBuffer for BufferMut {}
impl sealed::PostReceive for BufferMut {
    #[inline(always)]
    fn slices(&self) -> usize {
        1
    }

    #[inline(always)]
    fn post(self, side: &mut ReceiveSide, options: Receive, token: u64) {
        side.push(self, token, options.addresses, !options.silent);
    }

    #[inline(always)]
    fn into_posted(self) -> Into {
        Into::Slice(self)
    }
}

impl ReceiveBuffer for ChainMut {}
impl sealed::PostReceive for ChainMut {
    fn slices(&self) -> usize {
        self.buffers().len()
    }

    fn post(self, side: &mut ReceiveSide, options: Receive, token: u64) {
        side.push_chain(self, token, options.addresses, !options.silent);
    }

    fn into_posted(self) -> Into {
        Into::Chain(self)
    }
}

macro_rules! sends {
    ($($type:ty => $variant:ident, $slices:expr;)*) => {$(
        impl SendBuffer for $type {}
        impl sealed::IntoSend for $type {
            #[inline]
            fn slices(&self) -> usize {
                let slices: fn(&$type) -> usize = $slices;
                slices(self)
            }
            #[inline]
            fn into_send(self) -> Payload {
                Payload::$variant(self)
            }
        }
    )*};
}

sends! {
    BufferMut => Unique, |_| 1;
    Buffer => Shared, |_| 1;
    ChainMut => ChainMut, |chain| chain.buffers().len();
    Chain => Chain, |chain| chain.buffers().len();
}
