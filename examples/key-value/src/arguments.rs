//! The command line.

use std::time::Duration;

use clap::Parser;
use ringport::{BackendChoice, Design};

use crate::protocol::Limits;

/// Keeps values by key in memory, for clients of Redis.
///
/// Nothing is saved: what it holds is gone when it ends. Ctrl-C lets it end in order.
///
///   key-value 127.0.0.1:6379
///   key-value localhost:6379 --design sharded-event-polled --threads 4
#[derive(Debug, Parser)]
#[command(name = "key-value", version, verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// Where to listen, such as 127.0.0.1:6379 or localhost:6379; port 0 is a free one. Whoever can connect can do everything.
    pub(crate) address: String,
    /// How completions get to the threads: event-polled is one thread, as Redis is; with a sharded design, or one on a
    /// port, several threads share what is kept.
    #[arg(long, default_value_t = Design::EventPolled)]
    pub(crate) design: Design,
    /// How many threads, where the design takes more than one.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: Option<u16>,
    /// What carries the connections: uring, epoll, rio, overlapped or automatic.
    #[arg(long, default_value_t)]
    pub(crate) backend: BackendChoice,
    /// The most connections at a time; others are refused.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) connections: u32,
    /// KiB of the largest command and the largest reply. A connection reserves three times as much.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(4..=65536))]
    largest: u32,
    /// Seconds after which a silent connection is closed; 0 for never.
    #[arg(long, default_value_t = 0)]
    idle: u32,
}

impl Arguments {
    pub(crate) fn limits(&self) -> Limits {
        Limits { largest: self.largest as usize * 1024 }
    }

    pub(crate) fn idle_time(&self) -> Option<Duration> {
        (self.idle > 0).then(|| Duration::from_secs(self.idle.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
