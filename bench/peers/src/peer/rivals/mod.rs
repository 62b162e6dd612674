//! Other libraries, and loops written by hand.

mod async_io;
mod compio;
mod connections;
mod glommio;
mod monoio;
mod multishot;
mod quinn_udp;
mod recvmmsg;
mod trial;

use io_uring::IoUring;

use super::Peer;

/// In the order of the tables.
pub(super) const ALL: &[&dyn Peer] = &[
    &async_io::AsyncIo,
    &quinn_udp::QuinnUdp,
    &compio::Compio::Single,
    &compio::Compio::Tasks,
    &compio::Compio::Multishot,
    &monoio::Monoio::Single,
    &monoio::Monoio::Tasks,
    &glommio::Glommio,
    &recvmmsg::Recvmmsg::Plain,
    &recvmmsg::Recvmmsg::Offload,
    &recvmmsg::Recvmmsg::Balanced,
    &recvmmsg::Recvmmsg::Throughput,
    &multishot::Multishot::Plain,
    &multishot::Multishot::Offload,
    &connections::Connections::Epoll,
    &connections::Connections::Uring,
];

/// Why a peer that needs io_uring cannot run, if so.
fn without_io_uring() -> Option<String> {
    IoUring::new(1).err().map(|error| format!("io_uring is not allowed here: {error}"))
}
