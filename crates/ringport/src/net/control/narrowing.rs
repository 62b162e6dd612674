//! The control messages of a send that concern the family over which it leaves.
//!
//! Who writes them need not know the destination: [`ControlBuffer::ecn`] adds one message for each family. Linux skips
//! what is the other's; Windows may refuse the send.

use super::ControlBuffer;
use super::kinds;
use super::layout::{HEADER, Header, padded};

impl ControlBuffer {
    /// Those of `bytes`, the messages of a [`ControlBuffer`], that a send over IPv4, or over IPv6, is to have. A
    /// destination of the form `::ffff:a.b.c.d` is one of IPv4.
    pub(crate) fn narrowed(bytes: &[u8], leaves_over_v4: bool) -> ControlBuffer {
        let mut kept = ControlBuffer::new();
        let mut rest = bytes;
        while let Some(header) = Header::read(rest) {
            let Some(data) = rest.get(HEADER..header.length) else { break };
            let name = (header.level, header.kind);
            if !kinds::is_foreign(name, leaves_over_v4) {
                // There is room for as much as came from such a buffer.
                let _ = kept.push(name, data);
            }
            rest = rest.get(padded(header.length)..).unwrap_or_default();
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{ControlMessage, Ecn};

    #[test]
    fn a_send_has_the_messages_of_its_family_and_those_of_both() {
        let mut control = ControlBuffer::new();
        let source = std::net::IpAddr::from([127, 0, 0, 1]);
        control.source(source, 3).unwrap().segment_size(1200).unwrap().ecn(Ecn::Capable0).unwrap();
        let v4 = ControlBuffer::narrowed(control.as_bytes(), true);
        let v6 = ControlBuffer::narrowed(control.as_bytes(), false);
        let read: Vec<_> = control.messages().collect();
        assert_eq!(read.len(), 4);
        assert_eq!(v4.messages().collect::<Vec<_>>(), read[..3]);
        assert_eq!(v6.messages().collect::<Vec<_>>(), [read[1], ControlMessage::Ecn(Ecn::Capable0)]);
        assert!(ControlBuffer::narrowed(&[], true).is_empty());
    }

    #[test]
    fn a_source_of_ipv4_is_one_in_either_form() {
        let mut control = ControlBuffer::new();
        let mapped: std::net::IpAddr = "::ffff:127.0.0.1".parse().unwrap();
        control.source(mapped, 0).unwrap();
        let narrowed = ControlBuffer::narrowed(control.as_bytes(), true);
        assert_eq!(narrowed.messages().local(), Some(mapped.to_canonical()));
    }
}
