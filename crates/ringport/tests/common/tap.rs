//! A network of our own, with a wire at whose other end the test sits.
//!
//! ```text
//!   socket ──► neighbour table ──► tap device ──► the test
//!              └ keeps datagrams, charged to their socket, until somebody answers its question (ARP)
//! ```
//!
//! So a socket with a small send buffer is full after a few datagrams, for as long as the test likes. The
//! loopback interface cannot do that: it takes each datagram off its sender at once.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::Ipv4Addr;

use ringport::BackendChoice;

use super::child::{Child, inside};
use super::{backends, device, until};

/// The address of this end.
pub(crate) const HERE: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 1);
const THERE_HARDWARE: [u8; 6] = [2, 0, 0, 0, 0, 2];

/// Runs a test over such a network, in a process of its own; where that is not allowed it says so.
pub(crate) fn in_a_network(test: &str, choice: BackendChoice, run: impl FnOnce(BackendChoice, &Tap)) {
    if inside() {
        return match Tap::new() {
            Ok(tap) => run(choice, &tap),
            Err(error) => eprintln!("skipped: no network device of our own: {error}"),
        };
    }
    if let Some(refusal) = backends::refusal(choice) {
        eprintln!("skipped: {refusal}");
    } else if let Err(error) = Child::new(test, None).in_namespaces(libc::CLONE_NEWNET).try_run() {
        eprintln!("skipped: no namespaces here: {error}");
    }
}

pub(crate) struct Tap(File);

impl Tap {
    /// Makes the device; only in a network namespace of our own.
    pub(crate) fn new() -> io::Result<Tap> {
        let tap = device::open("tap0", libc::IFF_TAP)?;
        device::up("tap0", Some(HERE), None)?;
        // The loopback interface of a new network is down, too.
        device::up("lo", None, None)?;
        Ok(Tap(tap))
    }

    /// The next frame of this protocol; others are thrown away.
    fn frame(&self, protocol: u16) -> Vec<u8> {
        let mut frame = vec![0; 2048];
        until("a frame", || match (&self.0).read(&mut frame) {
            Ok(length) if length > 14 && frame[12..14] == protocol.to_be_bytes() => {
                frame.truncate(length);
                Some(std::mem::take(&mut frame))
            }
            _ => None,
        })
    }

    /// Answers who has `address`: the datagrams kept for it go out.
    pub(crate) fn answer_for(&self, address: Ipv4Addr) {
        until("the question", || {
            let question = self.frame(0x0806);
            let (asker, asked) = (&question[22..32], &question[38..42]);
            if asked != address.octets() {
                return None;
            }
            // To the asker, from there: Ethernet, four bytes a protocol address, a reply.
            let mut answer = [&asker[..6], &THERE_HARDWARE, &[8, 6, 0, 1, 8, 0, 6, 4, 0, 2]].concat();
            answer.extend([&THERE_HARDWARE[..], &address.octets(), asker].concat());
            (&self.0).write_all(&answer).unwrap();
            Some(())
        });
    }

    /// The payload of the next datagram on the wire.
    pub(crate) fn datagram(&self) -> Vec<u8> {
        until("a datagram", || {
            let frame = self.frame(0x0800);
            let header = 14 + usize::from(frame[14] & 0xf) * 4;
            let length = usize::from(u16::from_be_bytes([frame[header + 4], frame[header + 5]]));
            (frame[23] == libc::IPPROTO_UDP as u8).then(|| frame[header + 8..header + length].to_vec())
        })
    }
}
