//! Writing control messages for a send.

use std::fmt;
use std::net::IpAddr;

use thiserror::Error;

use super::kinds;
use super::layout::{HEADER, Header, padded};
use super::messages::{ControlMessage, ControlMessages};
use crate::net::ecn::Ecn;

/// Room for one message of each kind, with some to spare.
const CAPACITY: usize = 128;

/// The control messages of one send, in 128 bytes of its own: nothing is allocated.
///
/// Each kind is given once; of two of a kind the kernel takes the last.
///
/// ```
/// use ringport::net::{ControlBuffer, Ecn};
///
/// let mut control = ControlBuffer::new();
/// control.source([127, 0, 0, 1], 0)?.segment_size(1200)?.ecn(Ecn::Capable0)?;
/// assert!(control.as_bytes().len() <= ControlBuffer::CAPACITY);
/// # Ok::<(), ringport::net::ControlError>(())
/// ```
// Aligned as the kernel's own structure, for those who pass the bytes on as such.
#[derive(Clone)]
#[repr(align(8))]
pub struct ControlBuffer {
    bytes: [u8; CAPACITY],
    length: u8,
}

/// Why a control message could not be added. The buffer is unchanged.
///
/// ```
/// use ringport::net::{ControlBuffer, ControlError};
///
/// let mut control = ControlBuffer::new();
/// assert!(matches!(control.segment_size(0), Err(ControlError::NoSegment)));
/// assert!(matches!(control.source([224, 0, 0, 1], 0), Err(ControlError::NotASource { .. })));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ControlError {
    /// There is no room for the message.
    #[error(
        "a control message of {asked} bytes does not fit: {free} of {capacity} are free; give each kind once, \
         or clear the buffer before it is used again"
    )]
    Full {
        /// The bytes that the message needs.
        asked: usize,
        /// The bytes that are free.
        free: usize,
        /// The bytes of the buffer.
        capacity: usize,
    },
    /// Nothing can be sent from a group's address.
    #[error("nothing can be sent from the group {address}: give an address of this machine, or none")]
    NotASource {
        /// The address that was given.
        address: IpAddr,
    },
    /// A segment of no bytes.
    #[error("a segment has at least one byte: leave the segment size out to send one datagram")]
    NoSegment,
}

impl ControlBuffer {
    /// The bytes of room for messages.
    pub const CAPACITY: usize = CAPACITY;

    /// An empty one.
    ///
    /// ```
    /// assert!(ringport::net::ControlBuffer::new().is_empty());
    /// ```
    pub const fn new() -> ControlBuffer {
        ControlBuffer { bytes: [0; CAPACITY], length: 0 }
    }

    /// Sends from this address of the machine, by this interface: an index, or 0 for the one that the routes
    /// choose. With what [`LocalAddress`](super::ControlMessage::LocalAddress) told of a request, the answer
    /// comes from where it was asked.
    ///
    /// # Errors
    /// [`ControlError::NotASource`] for a group; [`ControlError::Full`]. An address that the machine does not
    /// have is refused by the kernel when sending (`EINVAL`).
    ///
    /// ```
    /// let mut control = ringport::net::ControlBuffer::new();
    /// control.source(std::net::Ipv6Addr::LOCALHOST, 0)?;
    /// # Ok::<(), ringport::net::ControlError>(())
    /// ```
    pub fn source(&mut self, address: impl Into<IpAddr>, interface: u32) -> Result<&mut Self, ControlError> {
        let address = address.into();
        if address.is_multicast() {
            return Err(ControlError::NotASource { address });
        }
        match kinds::as_source(address) {
            IpAddr::V4(address) => self.push(kinds::LOCAL_V4, &kinds::source_v4(address, interface)),
            IpAddr::V6(address) => {
                let mut data = [0; 20];
                data[..16].copy_from_slice(&address.octets());
                data[16..].copy_from_slice(&interface.to_ne_bytes());
                self.push(kinds::LOCAL_V6, &data)
            }
        }
    }

    /// Has the kernel split the bytes into datagrams of this size, the last perhaps shorter
    /// ([`gso_supported`](crate::net::gso_supported)). At most 64 datagrams and 65,000 bytes on older
    /// kernels; one must fit the network's packets.
    ///
    /// # Errors
    /// [`ControlError::NoSegment`] for 0; [`ControlError::Full`].
    ///
    /// ```
    /// let mut control = ringport::net::ControlBuffer::new();
    /// control.segment_size(1200)?;
    /// # Ok::<(), ringport::net::ControlError>(())
    /// ```
    pub fn segment_size(&mut self, bytes: u16) -> Result<&mut Self, ControlError> {
        if bytes == 0 {
            return Err(ControlError::NoSegment);
        }
        self.push(kinds::SEGMENTS_TO_SEND, &kinds::segment(bytes))
    }

    /// Sets the bits of congestion notification.
    ///
    /// # Errors
    /// [`ControlError::Full`].
    ///
    /// ```
    /// use ringport::net::{ControlBuffer, Ecn};
    ///
    /// let mut control = ControlBuffer::new();
    /// control.ecn(Ecn::Capable0)?;
    /// # Ok::<(), ringport::net::ControlError>(())
    /// ```
    pub fn ecn(&mut self, ecn: Ecn) -> Result<&mut Self, ControlError> {
        let data = i32::from(ecn.bits()).to_ne_bytes();
        let before = self.length;
        // Each family reads its own message and skips the other's. Which one a datagram takes is known only
        // by its destination.
        self.push(kinds::CLASS_V4, &data)?;
        match self.push(kinds::CLASS_V6, &data) {
            Ok(_) => Ok(self),
            Err(error) => {
                self.length = before;
                Err(error)
            }
        }
    }

    /// Removes all messages.
    ///
    /// ```
    /// let mut control = ringport::net::ControlBuffer::new();
    /// control.segment_size(1200)?;
    /// control.clear();
    /// assert!(control.is_empty());
    /// # Ok::<(), ringport::net::ControlError>(())
    /// ```
    pub fn clear(&mut self) {
        self.length = 0;
    }

    /// Whether there is no message.
    ///
    /// ```
    /// let mut control = ringport::net::ControlBuffer::new();
    /// control.segment_size(1200)?;
    /// assert!(!control.is_empty());
    /// # Ok::<(), ringport::net::ControlError>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The messages as the kernel reads them.
    ///
    /// ```
    /// let control = ringport::net::ControlBuffer::new();
    /// assert_eq!(control.as_bytes(), b"");
    /// ```
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// The messages, read back.
    ///
    /// ```
    /// use ringport::net::{ControlBuffer, ControlMessage};
    ///
    /// let mut control = ControlBuffer::new();
    /// control.source([127, 0, 0, 1], 1)?;
    /// let local = ControlMessage::LocalAddress { address: [127, 0, 0, 1].into(), interface: 1 };
    /// assert_eq!(control.messages().next(), Some(local));
    /// # Ok::<(), ringport::net::ControlError>(())
    /// ```
    pub fn messages(&self) -> ControlMessages<'_> {
        ControlMessages::new(self.as_bytes())
    }

    /// Whether the size of a segment can be added: it was not given, and there is room for it.
    pub(crate) fn takes_segment_size(&self) -> bool {
        let segment = |message| matches!(message, ControlMessage::Unknown { level, kind, .. } if (level, kind) == kinds::SEGMENTS_TO_SEND);
        let asked = padded(HEADER + kinds::segment(0).len());
        usize::from(self.length) + asked <= CAPACITY && !self.messages().any(segment)
    }

    pub(super) fn push(
        &mut self,
        (level, kind): kinds::Name,
        data: &[u8],
    ) -> Result<&mut Self, ControlError> {
        let length = HEADER + data.len();
        let asked = padded(length);
        let free = &mut self.bytes[usize::from(self.length)..];
        let full = ControlError::Full { asked, free: free.len(), capacity: CAPACITY };
        let place = free.get_mut(..asked).ok_or(full)?;
        place[..HEADER].copy_from_slice(&Header { length, level, kind }.bytes());
        place[HEADER..length].copy_from_slice(data);
        // What an earlier use left there must not reach the kernel, harmless as it is.
        place[length..].fill(0);
        self.length += asked as u8;
        Ok(self)
    }
}

impl Default for ControlBuffer {
    fn default() -> ControlBuffer {
        ControlBuffer::new()
    }
}

impl fmt::Debug for ControlBuffer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.messages()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::messages::ControlMessage;
    use super::*;

    #[test]
    fn every_kind_fits_at_once() {
        let mut control = ControlBuffer::new();
        let source: IpAddr = "2001:db8::1".parse().unwrap();
        control.source(source, 3).unwrap().segment_size(1200).unwrap().ecn(Ecn::Capable0).unwrap();
        let read: Vec<_> = control.messages().collect();
        assert_eq!(read[0], ControlMessage::LocalAddress { address: source, interface: 3 });
        let (level, kind) = kinds::SEGMENTS_TO_SEND;
        assert_eq!(read[1], ControlMessage::Unknown { level, kind, data: &kinds::segment(1200) });
        assert_eq!(read[2..], [ControlMessage::Ecn(Ecn::Capable0); 2]);
    }

    #[test]
    fn a_full_buffer_refuses_and_keeps_what_it_has() {
        let mut control = ControlBuffer::new();
        while control.segment_size(1).is_ok() {}
        let before = control.as_bytes().to_vec();
        let error = control.ecn(Ecn::Capable0).unwrap_err();
        assert_eq!(error, ControlError::Full { asked: 24, free: 8, capacity: 128 });
        assert_eq!(control.as_bytes(), before);
        // Room for the first of the two messages, not for the second: neither stays.
        control.clear();
        for _ in 0..4 {
            control.segment_size(1).unwrap();
        }
        assert!(control.ecn(Ecn::Capable0).is_err());
        assert_eq!(control.messages().count(), 4);
    }

    #[test]
    fn a_segment_size_is_added_where_there_is_none_and_room_for_it() {
        let mut control = ControlBuffer::new();
        assert!(control.takes_segment_size());
        control.source([127, 0, 0, 1], 0).unwrap();
        assert!(control.takes_segment_size());
        control.segment_size(9).unwrap();
        assert!(!control.takes_segment_size());
        control.clear();
        while control.source([127, 0, 0, 1], 0).is_ok() {}
        assert!(!control.takes_segment_size() && control.segment_size(9).is_err());
    }

    #[test]
    fn a_buffer_used_again_carries_nothing_over() {
        let mut used = ControlBuffer::new();
        used.source([255, 255, 255, 255], u32::MAX).unwrap();
        used.clear();
        used.segment_size(9).unwrap();
        let mut new = ControlBuffer::new();
        new.segment_size(9).unwrap();
        assert_eq!(used.as_bytes(), new.as_bytes());
    }
}
