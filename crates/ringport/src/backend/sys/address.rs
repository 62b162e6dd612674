//! Socket addresses as the kernel reads and writes them.
//!
//! ```text
//!  sockaddr_in   | family 2 | port 2 (network order) | address 4 | zero 8 |
//!  sockaddr_in6  | family 2 | port 2 (network order) | flow 4 | address 16 | scope 4 |
//! ```
//! Both directions work on bytes, so nothing here is unsafe and no alignment is asked of the memory. An
//! IPv6 address that carries an IPv4 one (`::ffff:a.b.c.d`) is delivered as it is: it is what the socket
//! answers to.

use super::family;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

/// The length of the longest address, `sockaddr_in6`.
pub(crate) const LONGEST: usize = 28;
const LENGTH_V4: usize = 16;
const LENGTH_V6: usize = LONGEST;

/// Writes `address` to the start of `out` and returns its length.
pub(crate) fn encode(address: &SocketAddr, out: &mut [u8; LONGEST]) -> usize {
    out[2..4].copy_from_slice(&address.port().to_be_bytes());
    match address {
        SocketAddr::V4(address) => {
            out[0..2].copy_from_slice(&family::AF_INET.to_ne_bytes());
            out[4..8].copy_from_slice(&address.ip().octets());
            out[8..16].fill(0);
            LENGTH_V4
        }
        SocketAddr::V6(address) => {
            out[0..2].copy_from_slice(&family::AF_INET6.to_ne_bytes());
            // std hands the flow information to the kernel as it is, without swapping; so do we.
            out[4..8].copy_from_slice(&address.flowinfo().to_ne_bytes());
            out[8..24].copy_from_slice(&address.ip().octets());
            out[24..28].copy_from_slice(&address.scope_id().to_ne_bytes());
            LENGTH_V6
        }
    }
}

/// Reads an address from `bytes`, whose length is the length the kernel stated.
///
/// `None` for another family, and for bytes too short for their family.
pub(crate) fn decode(bytes: &[u8]) -> Option<SocketAddr> {
    let number = u16::from_ne_bytes(field(bytes, 0)?);
    let port = u16::from_be_bytes(field(bytes, 2)?);
    match number {
        family::AF_INET if bytes.len() >= LENGTH_V4 => {
            let address = Ipv4Addr::from(field::<4>(bytes, 4)?);
            Some(SocketAddrV4::new(address, port).into())
        }
        family::AF_INET6 if bytes.len() >= LENGTH_V6 => {
            let flow = u32::from_ne_bytes(field(bytes, 4)?);
            let address = Ipv6Addr::from(field::<16>(bytes, 8)?);
            let scope = u32::from_ne_bytes(field(bytes, 24)?);
            Some(SocketAddrV6::new(address, port, flow, scope).into())
        }
        _ => None,
    }
}

fn field<const LENGTH: usize>(bytes: &[u8], start: usize) -> Option<[u8; LENGTH]> {
    bytes.get(start..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn any_address(random: &mut Random) -> SocketAddr {
        let port = random.next() as u16;
        if random.below(2) == 0 {
            SocketAddrV4::new(Ipv4Addr::from_bits(random.next() as u32), port).into()
        } else {
            let bits = u128::from(random.next()) << 64 | u128::from(random.next());
            SocketAddrV6::new(Ipv6Addr::from_bits(bits), port, random.next() as u32, random.next() as u32)
                .into()
        }
    }

    #[test]
    fn every_address_reads_back_as_it_was_written() {
        let mut random = Random::new(1);
        for _ in 0..20_000 {
            let address = any_address(&mut random);
            // Leftovers of an earlier address must not shine through.
            let mut bytes = [0xff; LONGEST];
            let length = encode(&address, &mut bytes);
            assert_eq!(decode(&bytes[..length]), Some(address));
        }
    }

    #[test]
    fn the_bytes_are_those_of_the_system() {
        let mut random = Random::new(2);
        for _ in 0..1_000 {
            let address = any_address(&mut random);
            let system = socket2::SockAddr::from(address);
            let mut bytes = [0xff; LONGEST];
            let length = encode(&address, &mut bytes);
            // SAFETY: `as_ptr` points at `len()` initialised bytes of the address, which outlives the slice.
            let expected =
                unsafe { std::slice::from_raw_parts(system.as_ptr().cast::<u8>(), system.len() as usize) };
            assert_eq!(&bytes[..length], expected);
        }
    }

    #[test]
    fn a_mapped_address_is_delivered_as_it_is() {
        let mapped: SocketAddr = "[::ffff:127.0.0.1]:9".parse().unwrap();
        let mut bytes = [0; LONGEST];
        let length = encode(&mapped, &mut bytes);
        assert_eq!(decode(&bytes[..length]), Some(mapped));
        assert!(decode(&bytes[..length]).unwrap().is_ipv6());
    }

    #[test]
    fn garbage_and_short_bytes_give_none_or_an_address_but_never_a_panic() {
        let mut random = Random::new(3);
        for _ in 0..50_000 {
            let mut bytes = random.bytes(40);
            if let Some(first) = bytes.first_mut() {
                *first = [family::AF_INET as u8, family::AF_INET6 as u8, *first][random.below(3)];
            }
            if let Some(second) = bytes.get_mut(1) {
                *second = [0, *second][random.below(2)];
            }
            if let Some(address) = decode(&bytes) {
                assert!(bytes.len() >= if address.is_ipv4() { LENGTH_V4 } else { LENGTH_V6 });
            }
        }
        let address = "[::1]:1".parse().unwrap();
        let mut bytes = [0; LONGEST];
        let length = encode(&address, &mut bytes);
        for short in 0..length {
            assert_eq!(decode(&bytes[..short]), None);
        }
    }
}
