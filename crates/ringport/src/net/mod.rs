//! Sockets and addresses, one capability a file.
//!
//! A [`UdpSocket`], a [`StreamSocket`] or a [`StreamListener`] is a descriptor and what can be asked of it; datagrams,
//! bytes and connections are moved by the queues. What the kernel says about a datagram beside its bytes comes as control messages: [`ControlMessages`] reads them
//! in place, [`ControlBuffer`] writes them for a send.

mod address;
mod buffers;
mod builder;
mod claim;
mod control;
mod dont_fragment;
mod drops;
mod ecn;
mod error;
mod filter;
mod foreign;
mod handle;
mod multicast;
mod offload;
mod packet_info;
mod path_error;
mod path_mtu;
mod reuse;
mod socket;
mod stream;
mod system;
mod timestamp;

pub(crate) use address::{CONNECT, refused, resolve};
pub use buffers::{receive_buffer_limit, send_buffer_limit};
pub use builder::UdpSocketBuilder;
pub(crate) use claim::{Claim, Sides};
pub(crate) use control::local_of;
pub use control::{ControlBuffer, ControlError, ControlMessage, ControlMessages};
pub use dont_fragment::DontFragment;
pub use ecn::Ecn;
pub use error::SocketError;
pub use foreign::{FromFdError, FromFdRefusal};
pub(crate) use handle::SocketHandle;
pub use handle::{DataSocket, RegisteredSocket};
pub use multicast::Interface;
pub use offload::{gro_supported, gso_supported};
pub use path_error::PathError;
pub use path_mtu::{PathMtu, path_mtu};
pub use socket::{Domain, UdpSocket};
pub use stream::{
    KeepAlive, StreamListener, StreamListenerBuilder, StreamRefusal, StreamRefused, StreamSocket,
};
