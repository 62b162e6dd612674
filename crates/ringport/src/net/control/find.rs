//! One value out of the control messages: the first message that has it.

use std::net::IpAddr;
use std::time::SystemTime;

use super::kinds;
use super::messages::{ControlMessage, ControlMessages};
use crate::net::ecn::Ecn;

/// The local address that these messages have, in the form of the socket, given the peer's address as it came beside
/// them.
#[inline]
pub(crate) fn local_of(control: &[u8], peer: &[u8]) -> Option<IpAddr> {
    let local = ControlMessages::new(control).local()?;
    Some(kinds::in_form_of(local, peer))
}

impl ControlMessages<'_> {
    /// The address that the datagram was sent to: [`ControlMessage::LocalAddress`].
    ///
    /// ```
    /// use ringport::net::ControlBuffer;
    ///
    /// let mut control = ControlBuffer::new();
    /// control.source([127, 0, 0, 1], 0)?;
    /// assert_eq!(control.messages().local(), Some([127, 0, 0, 1].into()));
    /// # Ok::<(), ringport::net::ControlError>(())
    /// ```
    pub fn local(mut self) -> Option<IpAddr> {
        self.find_map(|message| match message {
            ControlMessage::LocalAddress { address, .. } => Some(address),
            _ => None,
        })
    }

    /// The bits of congestion notification: [`ControlMessage::Ecn`].
    ///
    /// ```
    /// use ringport::net::{ControlBuffer, Ecn};
    ///
    /// let mut control = ControlBuffer::new();
    /// control.ecn(Ecn::Capable0)?;
    /// assert_eq!(control.messages().ecn(), Some(Ecn::Capable0));
    /// # Ok::<(), ringport::net::ControlError>(())
    /// ```
    pub fn ecn(mut self) -> Option<Ecn> {
        self.find_map(|message| match message {
            ControlMessage::Ecn(ecn) => Some(ecn),
            _ => None,
        })
    }

    /// When the kernel received the datagram: [`ControlMessage::Timestamp`].
    ///
    /// ```
    /// assert_eq!(ringport::net::ControlMessages::new(&[]).timestamp(), None);
    /// ```
    pub fn timestamp(mut self) -> Option<SystemTime> {
        self.find_map(|message| match message {
            ControlMessage::Timestamp(time) => Some(time),
            _ => None,
        })
    }
}
