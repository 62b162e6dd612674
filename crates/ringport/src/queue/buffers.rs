//! What can be received into and sent.

// The sealed traits name types of the crate's own; nobody outside can reach either.
#![allow(private_interfaces)]

use crate::backend::contract::{Payload, ReceivePayload};
use crate::memory::{Buffer, BufferMut, Chain, ChainMut};

mod sealed {
    use super::{Payload, ReceivePayload};

    /// Turns a buffer into the slices of a receive, once the request was admitted.
    pub trait IntoReceive: Sized {
        fn slices(&self) -> usize;
        fn into_receive(self) -> ReceivePayload;
    }

    /// The same for a send.
    pub trait IntoSend: Sized {
        fn slices(&self) -> usize;
        fn into_send(self) -> Payload;
    }
}

/// A buffer that the kernel may write into: [`BufferMut`], or [`ChainMut`] for scatter. Unique by type, so
/// nothing can be in flight twice.
pub trait ReceiveBuffer: sealed::IntoReceive {}

/// A buffer that can be sent: [`BufferMut`], [`Buffer`], and for gather [`ChainMut`] and [`Chain`]. The
/// shared ones may be in many sends at once.
pub trait SendBuffer: sealed::IntoSend {}

macro_rules! buffers {
    ($($type:ty, $trait:ident as $sealed:ident: $into:ident => $payload:ident::$variant:ident, $slices:expr;)*) => {$(
        impl $trait for $type {}
        impl sealed::$sealed for $type {
            fn slices(&self) -> usize {
                let slices: fn(&$type) -> usize = $slices;
                slices(self)
            }
            fn $into(self) -> $payload {
                $payload::$variant(self)
            }
        }
    )*};
}

buffers! {
    BufferMut, ReceiveBuffer as IntoReceive: into_receive => ReceivePayload::One, |_| 1;
    ChainMut, ReceiveBuffer as IntoReceive: into_receive => ReceivePayload::Many, |chain| chain.buffers().len();
    BufferMut, SendBuffer as IntoSend: into_send => Payload::Unique, |_| 1;
    Buffer, SendBuffer as IntoSend: into_send => Payload::Shared, |_| 1;
    ChainMut, SendBuffer as IntoSend: into_send => Payload::ChainMut, |chain| chain.buffers().len();
    Chain, SendBuffer as IntoSend: into_send => Payload::Chain, |chain| chain.buffers().len();
}
