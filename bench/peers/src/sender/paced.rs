//! So many datagrams a second, evenly. About ten thousand of them say when they were sent.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use ringport_stand::Failure;

use crate::load::BYTES;
use crate::stamp::{STAMP, now};

/// Time stamps a second, about.
const STAMPS: u64 = 10_000;

/// The schedule is absolute: a sender that was held up catches up. It spins, as no sleep is exact enough.
pub(super) fn run(socket: &UdpSocket, start: Instant, end: Instant, rate: u64) -> Result<u64, Failure> {
    let mut chance = Chance(0x9e37_79b9);
    let mut payload = [0; BYTES];
    let mut datagrams = 0;
    loop {
        let due = start + Duration::from_nanos(datagrams * 1_000_000_000 / rate);
        if due >= end {
            return Ok(datagrams);
        }
        while Instant::now() < due {
            std::hint::spin_loop();
        }
        // By chance, as a fixed stride could always meet the first of a batch.
        let stamp = if chance.below(rate) < STAMPS { now() } else { 0 };
        if let Some(place) = payload.first_chunk_mut::<STAMP>() {
            *place = stamp.to_le_bytes();
        }
        socket.send(&payload)?;
        datagrams += 1;
    }
}

/// Numbers without a pattern that a receiver could fall in step with (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_ten_is_about_one_in_ten() {
        let mut chance = Chance(1);
        let hits = (0..100_000).filter(|_| chance.below(100_000) < STAMPS).count();
        assert!((9_000..11_000).contains(&hits), "{hits}");
    }
}
