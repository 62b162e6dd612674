//! A road with a narrow place: the test takes each packet off the device, and says which were too large.
//!
//! ```text
//!   socket ──► device, packets of 1,500 bytes ──► the test, as the router behind it
//!                     ◄── "too large: 1,400" (ICMP) ──┘
//! ```

use std::fs::File;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::common::{device, until};

/// What the device takes.
pub(crate) const DEVICE: usize = 1500;
/// What the road takes behind it.
pub(crate) const NARROW: usize = 1400;

const HERE: Ipv4Addr = Ipv4Addr::new(10, 9, 1, 1);
const THERE: Ipv4Addr = Ipv4Addr::new(10, 9, 1, 2);
const HERE_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 9, 0, 0, 0, 0, 0, 1);
const THERE_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 9, 0, 0, 0, 0, 0, 2);

/// A socket's address and its peer's, and how many bytes of a packet are headers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Family {
    pub(crate) bind: IpAddr,
    pub(crate) peer: SocketAddr,
    pub(crate) headers: usize,
}

/// See the module.
pub(crate) struct Narrow(File);

impl Narrow {
    /// Makes the device; only in a network namespace of our own.
    pub(crate) fn new() -> Narrow {
        let narrow = device::open("narrow", libc::IFF_TUN).unwrap();
        device::up("narrow", Some(HERE), Some(THERE)).unwrap();
        Narrow(narrow)
    }

    /// IPv4, and with IPv6 on this machine that one, and IPv4 from a socket of both.
    pub(crate) fn families(&self) -> Vec<Family> {
        let peer = |address: IpAddr| SocketAddr::new(address, 9);
        let any = IpAddr::from(Ipv6Addr::UNSPECIFIED);
        let mut families =
            vec![Family { bind: Ipv4Addr::UNSPECIFIED.into(), peer: peer(THERE.into()), headers: 28 }];
        match device::address_v6("narrow", HERE_V6) {
            Ok(()) => {
                // The kernel makes sure that nobody else has it.
                until("the address", || std::net::UdpSocket::bind((HERE_V6, 0)).ok());
                families.push(Family { bind: HERE_V6.into(), peer: peer(THERE_V6.into()), headers: 48 });
                let mapped = THERE.to_ipv6_mapped();
                families.push(Family { bind: any, peer: peer(mapped.into()), headers: 28 });
                families.push(Family { bind: any, peer: peer(THERE_V6.into()), headers: 48 });
            }
            Err(error) => eprintln!("skipped IPv6: {error}"),
        }
        families
    }

    /// The next packet of a datagram that comes.
    pub(crate) fn packet(&self) -> Packet {
        let mut bytes = vec![0; 65_536];
        until("a packet", || {
            let length = (&self.0).read(&mut bytes).ok()?;
            let packet = Packet(bytes[..length].to_vec());
            packet.is_of_a_datagram().then_some(packet)
        })
    }

    /// Says of a packet that it was too large for what comes.
    pub(crate) fn refuse(&self, packet: &Packet) {
        (&self.0).write_all(&packet.refused()).unwrap();
    }
}

/// A packet with its headers.
pub(crate) struct Packet(Vec<u8>);

impl Packet {
    pub(crate) fn length(&self) -> usize {
        self.0.len()
    }

    /// Whether no router may cut it: over IPv6 none may.
    pub(crate) fn is_whole_for_ever(&self) -> bool {
        !self.is_v4() || self.0[6] & 0x40 != 0
    }

    fn is_v4(&self) -> bool {
        self.0[0] >> 4 == 4
    }

    /// Of a fragment, too.
    fn is_of_a_datagram(&self) -> bool {
        const FRAGMENT: u8 = 44;
        if self.is_v4() { self.0[9] == 17 } else { [17, FRAGMENT].contains(&self.0[6]) }
    }

    /// The message that it was too large, as a packet.
    fn refused(&self) -> Vec<u8> {
        let narrow = (NARROW as u16).to_be_bytes();
        let start = &self.0[..64.min(self.0.len())];
        if self.is_v4() {
            // Destination unreachable, fragmentation needed; from where the packet was going.
            let mut message = [&[3, 4, 0, 0, 0, 0], &narrow[..], start].concat();
            let sum = checksum(&message);
            message[2..4].copy_from_slice(&sum);
            let length = (20 + message.len() as u16).to_be_bytes();
            let mut header = [0x45, 0, length[0], length[1], 0, 0, 0, 0, 64, 1, 0, 0].to_vec();
            header.extend([&self.0[16..20], &self.0[12..16]].concat());
            let sum = checksum(&header);
            header[10..12].copy_from_slice(&sum);
            [header, message].concat()
        } else {
            let mut message = [&[2, 0, 0, 0, 0, 0], &narrow[..], start].concat();
            let ends = [&self.0[24..40], &self.0[8..24]].concat();
            let length = (message.len() as u16).to_be_bytes();
            let sum = checksum(&[&ends[..], &[0, 0, length[0], length[1], 0, 0, 0, 58], &message].concat());
            message[2..4].copy_from_slice(&sum);
            [&[0x60, 0, 0, 0, length[0], length[1], 58, 64], &ends[..], &message].concat()
        }
    }
}

/// That of the internet's protocols: what makes the sum of all 16 bit words all ones.
fn checksum(bytes: &[u8]) -> [u8; 2] {
    let word = |pair: &[u8]| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
    let mut sum: u32 = bytes.chunks(2).map(word).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    (!(sum as u16)).to_be_bytes()
}
