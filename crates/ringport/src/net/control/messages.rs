//! Reading the control messages that came with a datagram.

use std::iter::FusedIterator;
use std::net::{IpAddr, Ipv6Addr};
use std::time::SystemTime;

use super::kinds;
use super::layout::{HEADER, Header, field, padded};
use crate::net::ecn::Ecn;

/// One control message.
///
/// More kinds may come; those without a name here are [`ControlMessage::Unknown`].
///
/// ```
/// use ringport::net::{ControlBuffer, ControlMessage};
///
/// let mut control = ControlBuffer::new();
/// control.segment_size(1200)?;
/// let unknown = control.messages().next().unwrap();
/// // A segment size to send is not the message by which one is received.
/// assert!(matches!(unknown, ControlMessage::Unknown { level: 17, .. }));
/// # Ok::<(), ringport::net::ControlError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ControlMessage<'bytes> {
    /// Where the datagram was sent to ([`packet_info`](crate::UdpSocket::packet_info)). A group or a
    /// broadcast address, if it was sent to one: an answer cannot come from there.
    LocalAddress {
        /// The address in the datagram's header; on a dual-stack socket one of IPv4 is `::ffff:a.b.c.d`.
        address: IpAddr,
        /// The index of the interface it came in by.
        interface: u32,
    },
    /// The bytes hold several datagrams of this size, the last perhaps shorter
    /// ([`receive_offload`](crate::UdpSocket::receive_offload)).
    SegmentSize(u16),
    /// What the network said of congestion ([`ecn`](crate::UdpSocket::ecn)).
    Ecn(Ecn),
    /// When the kernel received the datagram, by the system's clock
    /// ([`timestamps`](crate::UdpSocket::timestamps)).
    Timestamp(SystemTime),
    /// Another message.
    Unknown {
        /// The protocol it belongs to (`cmsg_level`).
        level: i32,
        /// Its kind within the protocol (`cmsg_type`).
        kind: i32,
        /// What it says.
        data: &'bytes [u8],
    },
}

impl<'bytes> ControlMessage<'bytes> {
    /// A known kind whose data is too short for it stays unknown.
    fn read(level: i32, kind: i32, data: &'bytes [u8]) -> ControlMessage<'bytes> {
        let known = match (level, kind) {
            kinds::LOCAL_V4 => local_v4(data),
            kinds::LOCAL_V6 => local_v6(data),
            kinds::SEGMENTS => segment_size(data),
            kinds::TIME => kinds::time(data).map(ControlMessage::Timestamp),
            other => kinds::class(other, data).map(|class| ControlMessage::Ecn(Ecn::from_bits(class))),
        };
        known.unwrap_or(ControlMessage::Unknown { level, kind, data })
    }
}

fn local_v4(data: &[u8]) -> Option<ControlMessage<'static>> {
    let (address, interface) = kinds::local_v4(data)?;
    Some(ControlMessage::LocalAddress { address: address.into(), interface })
}

/// `struct in6_pktinfo`: the address in the header, interface.
fn local_v6(data: &[u8]) -> Option<ControlMessage<'static>> {
    let address = Ipv6Addr::from(field::<16>(data, 0)?).into();
    let interface = u32::from_ne_bytes(field(data, 16)?);
    Some(ControlMessage::LocalAddress { address, interface })
}

/// The kernel writes an `int`; its value is that of a segment, which fits a datagram.
fn segment_size(data: &[u8]) -> Option<ControlMessage<'static>> {
    let size = i32::from_ne_bytes(field(data, 0)?);
    Some(ControlMessage::SegmentSize(u16::try_from(size).ok()?))
}

/// The control messages in some bytes, read in place.
///
/// Whatever the bytes are, it neither panics nor reads outside them: it ends at the first message that does
/// not fit.
///
/// ```
/// use ringport::net::{ControlBuffer, ControlMessage, ControlMessages};
///
/// let mut control = ControlBuffer::new();
/// control.source([127, 0, 0, 1], 1)?;
/// let mut messages = ControlMessages::new(control.as_bytes());
/// assert!(matches!(messages.next(), Some(ControlMessage::LocalAddress { interface: 1, .. })));
/// assert_eq!(messages.next(), None);
/// assert_eq!(ControlMessages::new(b"garbage").count(), 0);
/// # Ok::<(), ringport::net::ControlError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ControlMessages<'bytes> {
    rest: &'bytes [u8],
}

impl<'bytes> ControlMessages<'bytes> {
    /// Reads the messages of `bytes`, as many as the kernel said it wrote.
    ///
    /// ```
    /// use ringport::net::ControlMessages;
    ///
    /// assert_eq!(ControlMessages::new(&[]).next(), None);
    /// ```
    pub fn new(bytes: &'bytes [u8]) -> ControlMessages<'bytes> {
        ControlMessages { rest: bytes }
    }

    /// The size of a segment, where there are several.
    #[inline]
    pub(crate) fn segment_size(mut self) -> Option<u16> {
        if self.rest.is_empty() {
            return None;
        }
        self.find_map(|message| match message {
            ControlMessage::SegmentSize(size) => Some(size).filter(|size| *size > 0),
            _ => None,
        })
    }
}

impl<'bytes> Iterator for ControlMessages<'bytes> {
    type Item = ControlMessage<'bytes>;

    fn next(&mut self) -> Option<ControlMessage<'bytes>> {
        // Taken, so that it stays at its end once a message did not fit.
        let rest = std::mem::take(&mut self.rest);
        let header = Header::read(rest)?;
        let data = rest.get(HEADER..header.length)?;
        self.rest = rest.get(padded(header.length)..).unwrap_or_default();
        Some(ControlMessage::read(header.level, header.kind, data))
    }
}

impl FusedIterator for ControlMessages<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// A message as the kernel would write it.
    fn message(level: i32, kind: i32, data: &[u8]) -> Vec<u8> {
        let mut bytes = Header { length: HEADER + data.len(), level, kind }.bytes().to_vec();
        bytes.extend_from_slice(data);
        bytes.resize(padded(bytes.len()), 0xee);
        bytes
    }

    #[test]
    fn what_was_written_is_read_in_order_whatever_follows_the_last() {
        let mut random = Random::new(4);
        for _ in 0..20_000 {
            // A level that no protocol has, so that the data comes back as it is.
            let given: Vec<_> =
                (0..random.below(5)).map(|_| (random.next() as i32, random.bytes(40))).collect();
            let mut bytes: Vec<u8> = given.iter().flat_map(|(kind, data)| message(-7, *kind, data)).collect();
            // Too few for another header.
            bytes.extend(vec![0xff; random.below(HEADER)]);
            let read: Vec<_> = ControlMessages::new(&bytes).collect();
            let expected: Vec<_> = given
                .iter()
                .map(|(kind, data)| ControlMessage::Unknown { level: -7, kind: *kind, data })
                .collect();
            assert_eq!(read, expected);
        }
    }

    #[test]
    fn garbage_ends_the_messages_but_never_panics() {
        let mut random = Random::new(5);
        for _ in 0..50_000 {
            let mut bytes = random.bytes(100);
            // Mostly lengths that lead somewhere, and sometimes the extremes.
            let length =
                [random.below(120), HEADER, HEADER - 1, 0, usize::MAX, usize::MAX - 7][random.below(6)];
            let level = [0, 1, 17, 41][random.below(4)];
            let kind = [8, 1, 50, 67, 104, 35][random.below(6)];
            for (place, byte) in bytes.iter_mut().zip((Header { length, level, kind }).bytes()) {
                *place = byte;
            }
            let start = bytes.as_ptr_range();
            let mut messages = ControlMessages::new(&bytes);
            for message in messages.by_ref() {
                if let ControlMessage::Unknown { data, .. } = message {
                    assert!(data.as_ptr_range().start >= start.start && data.as_ptr_range().end <= start.end);
                }
            }
            assert_eq!(messages.next(), None);
        }
    }

    #[test]
    fn a_known_kind_with_too_little_data_stays_unknown() {
        for ((level, kind), needed) in kinds::LENGTHS {
            for length in 0..=needed {
                let bytes = message(level, kind, &vec![0; length]);
                let read = ControlMessages::new(&bytes).next().unwrap();
                assert_eq!(matches!(read, ControlMessage::Unknown { .. }), length < needed, "{read:?}");
            }
        }
    }

    #[test]
    fn the_last_message_needs_no_padding() {
        let (level, kind) = kinds::CLASS_V6;
        let bytes = message(level, kind, &0b11i32.to_ne_bytes());
        let mut messages = ControlMessages::new(&bytes[..HEADER + 4]);
        assert_eq!(messages.next(), Some(ControlMessage::Ecn(Ecn::CongestionExperienced)));
        assert_eq!(messages.next(), None);
    }

    #[test]
    fn a_size_that_no_segment_has_stays_unknown() {
        let (level, kind) = kinds::SEGMENTS;
        let bytes = message(level, kind, &70_000i32.to_ne_bytes());
        assert!(matches!(ControlMessages::new(&bytes).next(), Some(ControlMessage::Unknown { .. })));
    }
}
