//! A whole application: `redis-benchmark` against a real Redis server and the key-value example, in turns.
//!
//! ```text
//!   redis-benchmark -t ping,set,get -P 16 -c 50 ──► redis-server, one thread, nothing saved
//!                                               └─► key-value example, one thread
//! ```

mod benchmark;
mod figures;
pub(crate) mod program;

use std::path::PathBuf;

use clap::Args;
use ringport_stand::Failure;
use serde::Serialize;

use crate::driver::Run;
use benchmark::{Sample, measure};
use figures::Figure;
use program::Application;

/// What is sent, and to what.
#[derive(Debug, Args)]
pub(crate) struct RedisOptions {
    /// Requests of each kind in a round [default: 300000; 2000 if quick]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1000..=100_000_000))]
    requests: Option<u32>,
    /// The key-value example, which is given the address to serve [default: where cargo builds it]
    #[arg(long, value_name = "PROGRAM")]
    pub(super) key_value: Option<PathBuf>,
}

/// All that was found; empty where something is missing.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Found {
    results: Vec<Sample>,
    figures: Vec<Figure>,
}

/// Measures and prints.
pub(crate) fn run(run: &mut Run<'_>) -> Result<Found, Failure> {
    let (options, processors) = (run.options, run.processors);
    if let Some(missing) = program::missing("redis-benchmark") {
        run.notes.push(format!("redis was not measured: {missing}"));
        return Ok(Found::default());
    }
    let all = [Application::Redis, Application::key_value(&options.redis)];
    run.notes.extend(all.iter().filter_map(Application::obstacle));
    let able: Vec<_> = all.into_iter().filter(|application| application.obstacle().is_none()).collect();
    let requests = options.redis.requests.unwrap_or(if options.is_quick() { 2000 } else { 300_000 });
    let mut results = Vec::new();
    run.rounds("redis", |round| {
        let first = round as usize % able.len().max(1);
        for application in able.iter().cycle().skip(first).take(able.len()) {
            results.extend(measure(application, requests, round, processors)?);
        }
        Ok(())
    })?;
    let figures = figures::figures(&results);
    figures::print(&figures, requests);
    Ok(Found { results, figures })
}
