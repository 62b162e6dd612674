//! Medians of the rounds, and the rate of the example over that of Redis within each.

use std::collections::BTreeSet;

use ringport_stand::quartiles::Quartiles;
use serde::Serialize;

use super::benchmark::{CONNECTIONS, PIPELINE, Sample};
use super::program::Application;

/// The least that the example may reach of the rate of Redis.
const LEAST: f64 = 1.0;

/// A kind of command on a server, all rounds together.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Figure {
    command: String,
    server: &'static str,
    rate_per_s: Quartiles,
    p50_us: Quartiles,
    p99_us: Quartiles,
    cpu_ns_per_request: Quartiles,
    /// Over Redis in the same round; absent where it was not measured, and for itself.
    rate_over_redis: Option<Quartiles>,
    /// Whether the median of that is within the target.
    meets: Option<bool>,
}

/// All figures, by command and then by server.
pub(super) fn figures(samples: &[Sample]) -> Vec<Figure> {
    let redis = Application::Redis.name();
    let kinds: BTreeSet<_> = samples
        .iter()
        .map(|sample| (sample.command.clone(), sample.server != redis, sample.server))
        .collect();
    let figure = |(command, is_ours, server): (String, bool, &'static str)| {
        let of = |server| {
            let is_of = |sample: &&Sample| sample.command == command && sample.server == server;
            samples.iter().filter(is_of).collect::<Vec<_>>()
        };
        let mine = of(server);
        let all =
            |value: fn(&Sample) -> f64| Quartiles::of(mine.iter().map(|sample| value(sample)).collect());
        let theirs = if is_ours { of(redis) } else { Vec::new() };
        let ratio = |mine: &&Sample| {
            let peer = theirs.iter().find(|sample| sample.round == mine.round)?;
            Some(mine.rate_per_s / peer.rate_per_s)
        };
        let ratios: Vec<f64> = mine.iter().filter_map(ratio).collect();
        let rate_over_redis = (!ratios.is_empty()).then(|| Quartiles::of(ratios));
        Figure {
            rate_per_s: all(|sample| sample.rate_per_s),
            p50_us: all(|sample| sample.p50_us),
            p99_us: all(|sample| sample.p99_us),
            cpu_ns_per_request: all(|sample| sample.cpu_ns_per_request),
            rate_over_redis,
            meets: rate_over_redis.map(|ratio| ratio.median >= LEAST),
            command,
            server,
        }
    };
    kinds.into_iter().map(figure).collect()
}

pub(super) fn print(figures: &[Figure], requests: u32) {
    println!(
        "\nredis: {requests} requests of each kind, {CONNECTIONS} connections, {PIPELINE} in a pipeline"
    );
    println!(
        "  {:<20}{:<20}{:>8} {:>9} {:>9} {:>9} {:>15}  target {LEAST:.2}",
        "", "", "k/s", "p50 us", "p99 us", "CPU ns", "over redis"
    );
    for figure in figures {
        let ratio = figure.rate_over_redis.map_or("-".to_owned(), |ratio| {
            format!("{:.2} ({:.2}..{:.2})", ratio.median, ratio.p25, ratio.p75)
        });
        println!(
            "  {:<20}{:<20}{:>8.0} {:>9.0} {:>9.0} {:>9.0} {:>15}  {}",
            figure.command,
            figure.server,
            figure.rate_per_s.median / 1e3,
            figure.p50_us.median,
            figure.p99_us.median,
            figure.cpu_ns_per_request.median,
            ratio,
            match figure.meets {
                Some(true) => "meets",
                Some(false) => "misses",
                None => "",
            }
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_compared_with_redis_of_the_same_round() {
        let ours = Application::KeyValue("x".into()).name();
        let sample = |server, round, rate_per_s| Sample {
            server,
            command: "GET".into(),
            round,
            rate_per_s,
            p50_us: 1.0,
            p99_us: 2.0,
            cpu_ns_per_request: 3.0,
        };
        let redis = Application::Redis.name();
        let rounds =
            [sample(redis, 0, 100.0), sample(redis, 1, 50.0), sample(ours, 0, 110.0), sample(ours, 1, 55.0)];
        let figures = figures(&rounds);
        assert_eq!((figures[0].server, figures[0].meets), (redis, None));
        assert_eq!((figures[1].server, figures[1].meets), (ours, Some(true)));
        assert!((figures[1].rate_over_redis.unwrap().median - 1.1).abs() < 1e-9);
    }
}
