//! Explicit congestion notification: two bits with which a network says that it is full, instead of dropping.

use crate::backend::sys::descriptor::AsFd;

use super::error::SocketError;
use super::socket::UdpSocket;
use super::system::{sending, told};

/// The two bits in the header of a packet (RFC 3168).
///
/// ```
/// use ringport::net::Ecn;
///
/// assert_eq!(Ecn::from_bits(0b1011_1011), Ecn::CongestionExperienced);
/// assert_eq!(Ecn::Capable0.bits(), 0b10);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Ecn {
    /// The sender does not take part.
    NotCapable = 0b00,
    /// The sender takes part, code point ECT(1).
    Capable1 = 0b01,
    /// The sender takes part, code point ECT(0), the usual one.
    Capable0 = 0b10,
    /// A router on the way was full.
    CongestionExperienced = 0b11,
}

impl Ecn {
    /// From the traffic class of a packet, of which these are the lowest two bits.
    ///
    /// ```
    /// use ringport::net::Ecn;
    ///
    /// assert_eq!(Ecn::from_bits(0b1010_0001), Ecn::Capable1);
    /// ```
    pub fn from_bits(traffic_class: u8) -> Ecn {
        match traffic_class & 0b11 {
            0b00 => Ecn::NotCapable,
            0b01 => Ecn::Capable1,
            0b10 => Ecn::Capable0,
            _ => Ecn::CongestionExperienced,
        }
    }

    /// The two bits.
    ///
    /// ```
    /// use ringport::net::Ecn;
    ///
    /// assert_eq!(Ecn::CongestionExperienced.bits(), 0b11);
    /// ```
    pub fn bits(self) -> u8 {
        self as u8
    }
}

impl UdpSocket {
    /// Asks the kernel to tell these bits with each datagram: as
    /// [`ControlMessage::Ecn`](super::ControlMessage::Ecn).
    ///
    /// # Errors
    /// [`SocketError::NotOffered`] on releases of Windows that have neither `IP_RECVECN`, as Windows 11 and Server 2022
    /// do, nor `IP_RECVTOS`; [`SocketError::System`], in practice none.
    ///
    /// ```
    /// let socket = ringport::UdpSocket::bind("127.0.0.1:0")?;
    /// socket.ecn(true)?;
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn ecn(&self, on: bool) -> Result<(), SocketError> {
        told::ecn(self.as_fd(), self.domain()?, on)
    }

    /// Has what the socket sends leave with these bits, unless the control data of a send says otherwise
    /// ([`ControlBuffer::ecn`](super::ControlBuffer::ecn)), which costs something with each send. The rest of the
    /// traffic class stays.
    ///
    /// # Errors
    /// [`SocketError::NotOffered`] on Windows, where each send has to say it (`IP_ECN`); [`SocketError::System`], in
    /// practice none.
    ///
    /// ```
    /// use ringport::net::{Ecn, SocketError};
    ///
    /// let socket = ringport::UdpSocket::bind("127.0.0.1:0")?;
    /// match socket.mark(Ecn::Capable0) {
    ///     Ok(()) => println!("all that leaves is marked"),
    ///     Err(SocketError::NotOffered { instead, .. }) => println!("not on Windows: {instead}"),
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn mark(&self, ecn: Ecn) -> Result<(), SocketError> {
        sending::mark(self.as_fd(), self.domain()?, ecn)
    }
}
