//! What may become of a packet on its way, and the count of what did.

use std::ops::Range;
use std::time::Duration;

use crate::common::Random;

/// How bad the road is; shares are so many of a thousand packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Weather {
    pub(crate) lost: usize,
    pub(crate) doubled: usize,
    /// How many microseconds a packet is under way: any of these, so that packets overtake each other.
    pub(crate) delay: Range<usize>,
}

impl Weather {
    /// Everything arrives at once.
    pub(crate) const FAIR: Weather = Weather { lost: 0, doubled: 0, delay: 0..1 };
    /// A tenth is lost, a twentieth comes twice, and delays differ enough for packets to be overtaken.
    pub(crate) const FOUL: Weather = Weather { lost: 100, doubled: 50, delay: 0..4000 };
    /// Nothing arrives: the road is cut.
    pub(crate) const CUT: Weather = Weather { lost: 1000, doubled: 0, delay: 0..1 };

    /// After how long a packet arrives: never, once or twice.
    pub(super) fn draw(&self, random: &mut Random) -> Vec<Duration> {
        // Always as many numbers, so that one packet's luck does not change that of the next.
        let (loss, double) = (random.below(1000), random.below(1000));
        let late = |random: &mut Random| {
            let more = random.below(self.delay.len().max(1));
            Duration::from_micros((self.delay.start + more) as u64)
        };
        let delays = [late(random), late(random)];
        let copies = if loss < self.lost { 0 } else { 1 + usize::from(double < self.doubled) };
        delays[..copies].to_vec()
    }
}

/// What went one way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    /// Packets that came to the road.
    pub(crate) sent: usize,
    /// Of those, packets that it lost.
    pub(crate) lost: usize,
    /// Of those, packets of which it made two.
    pub(crate) doubled: usize,
    /// Packets that left it.
    pub(crate) arrived: usize,
    /// Of those, packets that a later one had overtaken.
    pub(crate) overtaken: usize,
}
