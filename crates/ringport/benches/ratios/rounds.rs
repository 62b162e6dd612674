//! Many short rounds in which every candidate has its turn.

use std::time::{Duration, Instant};

use crate::Failure;
use crate::random::Random;
use crate::statistics::Quartiles;

/// Rounds that only warm up caches, pools and requests in the kernel.
const WARM_UP: usize = 5;

/// Runs `turn` for each of `count` candidates in each round, in random order; it gives the time that
/// counts, for `work` units. Returns nanoseconds a unit for each candidate.
pub(crate) fn interleave(
    rounds: usize,
    count: usize,
    work: usize,
    mut turn: impl FnMut(usize) -> Result<Duration, Failure>,
) -> Result<Vec<Quartiles>, Failure> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut samples = vec![Vec::with_capacity(rounds); count];
    let mut random = Random::new(0x9e37_79b9_7f4a_7c15);
    for round in 0..WARM_UP + rounds {
        random.shuffle(&mut order);
        for &candidate in &order {
            let time = turn(candidate)?;
            if let Some(samples) = samples.get_mut(candidate).filter(|_| round >= WARM_UP) {
                samples.push(time.as_nanos() as f64 / work as f64);
            }
        }
    }
    Ok(samples.iter().map(|samples| Quartiles::of(samples)).collect())
}

/// The time that `work` takes by the monotonic clock.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = work();
    (start.elapsed(), result)
}
