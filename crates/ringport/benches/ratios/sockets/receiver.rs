//! What all ways to receive from many sockets have in common.

use std::net::{SocketAddr, UdpSocket};

use super::load::Load;
use crate::Failure;
use crate::drain::candidate::{Patience, set_receive_buffer};

/// Bytes of each slice.
pub(super) const SLICE: usize = 2048;

/// Told of each datagram: the socket it came to.
pub(super) type Each<'a> = &'a mut dyn FnMut(usize) -> Result<(), Failure>;

/// A way to receive.
pub(super) trait Receiver {
    /// Takes what is there, as much as one dequeue brings, and posts its slices again.
    fn dequeue(&mut self, each: Each<'_>) -> Result<usize, Failure>;

    /// Where its sockets are.
    fn addresses(&self) -> Vec<SocketAddr>;

    /// Receives `want` datagrams that are there, or on their way.
    fn receive(&mut self, want: usize, each: Each<'_>) -> Result<(), Failure> {
        let mut left = want;
        let mut patience = Patience::default();
        while left > 0 {
            let found = self.dequeue(each)?;
            patience.look(found)?;
            left -= found.min(left);
        }
        Ok(())
    }
}

/// Binds the sockets of an arrangement.
pub(super) fn bind(load: &Load) -> Result<Vec<UdpSocket>, Failure> {
    let bound = (0..load.sockets).map(|_| {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        set_receive_buffer(&socket)?;
        Ok(socket)
    });
    bound.collect()
}
