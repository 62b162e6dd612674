//! What the generator writes into its datagrams, and what a receiver reads back from them.
//!
//! ```text
//!  0        4                12       16               24
//!  | magic  | sequence       | flow   | sent           | filling (zeros) ...
//! ```
//! All little-endian; `sent` is CLOCK_MONOTONIC in nanoseconds, so that a receiver on the same machine can tell the
//! latency of one way. A shorter payload carries the beginning of the same header: fields that do not fit whole are
//! not there, and the figures that need them are reported as not measured instead of made up.

/// Bytes of a whole header.
pub(crate) const HEADER: usize = 24;
/// Payloads from this length on carry the sequence number.
pub(crate) const WITH_SEQUENCE: usize = 12;

const MAGIC: [u8; 4] = *b"RPd1";

/// The fields of one datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Counted over all flows, from zero.
    pub(crate) sequence: u64,
    /// Which of the generator's sockets sent it.
    pub(crate) flow: u32,
    /// When, in nanoseconds of the monotonic clock.
    pub(crate) sent: u64,
}

/// What could be read from a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) sequence: Option<u64>,
    pub(crate) flow: Option<u32>,
    pub(crate) sent: Option<u64>,
}

impl Header {
    /// Writes as much of the header as fits.
    #[inline]
    pub(crate) fn write(&self, payload: &mut [u8]) {
        let mut header = [0; HEADER];
        header[..4].copy_from_slice(&MAGIC);
        header[4..12].copy_from_slice(&self.sequence.to_le_bytes());
        header[12..16].copy_from_slice(&self.flow.to_le_bytes());
        header[16..].copy_from_slice(&self.sent.to_le_bytes());
        let length = payload.len().min(HEADER);
        payload[..length].copy_from_slice(&header[..length]);
    }
}

impl Seen {
    /// Reads what a payload carries. None if it is not one of the generator's; payloads shorter than the magic are
    /// taken for ours, since nothing in them could tell.
    #[inline]
    pub(crate) fn read(payload: &[u8]) -> Option<Seen> {
        let magic = payload.len().min(MAGIC.len());
        if payload[..magic] != MAGIC[..magic] {
            return None;
        }
        Some(Seen {
            sequence: field(payload, 4).map(u64::from_le_bytes),
            flow: field(payload, 12).map(u32::from_le_bytes),
            sent: field(payload, 16).map(u64::from_le_bytes),
        })
    }
}

#[inline]
fn field<const LENGTH: usize>(payload: &[u8], at: usize) -> Option<[u8; LENGTH]> {
    payload.get(at..at + LENGTH)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_fits_comes_back_and_nothing_else(sequence: u64, flow: u32, sent: u64, length in 0usize..64) {
            let mut payload = vec![0xa5; length];
            Header { sequence, flow, sent }.write(&mut payload);
            let seen = Seen::read(&payload).unwrap();
            prop_assert_eq!(seen.sequence, (length >= WITH_SEQUENCE).then_some(sequence));
            prop_assert_eq!(seen.flow, (length >= 16).then_some(flow));
            prop_assert_eq!(seen.sent, (length >= HEADER).then_some(sent));
            prop_assert!(payload.iter().skip(HEADER).all(|&byte| byte == 0xa5), "wrote past the header");
        }

        #[test]
        fn any_bytes_can_be_read(payload: Vec<u8>) {
            let seen = Seen::read(&payload);
            let ours = payload.iter().zip(&MAGIC).all(|(byte, magic)| byte == magic);
            prop_assert_eq!(seen.is_some(), ours);
        }
    }
}
