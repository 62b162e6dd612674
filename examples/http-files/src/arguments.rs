//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use ringport::BackendChoice;

use crate::limits::{MOST_CONNECTIONS, Times};
use crate::server::Options;

const EXAMPLES: &str = "\
Examples:
  http-files 127.0.0.1:8080 .
  http-files '[::]:8080' /srv/www --threads 8 --connections 4000";

/// Serves the files of a directory over HTTP/1.1.
///
/// Connections and files are on one completion port: a file is read into the registered slices that it is sent from.
/// Ctrl-C lets the answers under way end; a second one ends it at once.
#[derive(Debug, Parser)]
#[command(name = "http-files", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Where to listen, such as 127.0.0.1:8080 or `[::]:8080`; port 0 is a free one.
    pub(crate) address: String,
    /// The directory whose files are served; nothing outside it is, whatever links lead there.
    pub(crate) directory: PathBuf,
    /// Threads that wait on the port, of which as many run as there are processors.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: u16,
    /// What carries connections and files: uring, epoll, rio, overlapped or automatic.
    #[arg(long, default_value_t)]
    backend: BackendChoice,
    /// The most connections at a time; others wait until one of them ends.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_CONNECTIONS)))]
    connections: u32,
    /// How long a client may take to send the head of a request.
    #[arg(long, default_value = "10s", value_parser = duration)]
    head_time: Duration,
    /// How long a connection may wait for its next request.
    #[arg(long, default_value = "60s", value_parser = duration)]
    idle_time: Duration,
    /// How long a client may take to make room for 16 KiB more.
    #[arg(long, default_value = "30s", value_parser = duration)]
    stall_time: Duration,
    /// How long answers under way may take after Ctrl-C.
    #[arg(long, default_value = "10s", value_parser = duration)]
    drain_time: Duration,
}

impl Arguments {
    pub(crate) fn options(&self) -> Options {
        Options {
            threads: self.threads.into(),
            backend: self.backend,
            connections: self.connections,
            times: Times {
                head: self.head_time,
                idle: self.idle_time,
                stall: self.stall_time,
                drain: self.drain_time,
            },
        }
    }
}

/// A number with its unit: `250ms`, `10s`, `5m`.
fn duration(text: &str) -> Result<Duration, String> {
    let refused = || format!("{text:?} is no time: write a number and ms, s or m, such as 250ms");
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits).ok_or_else(refused)?;
    let number: u32 = number.parse().map_err(|_| refused())?;
    let unit = match unit {
        "ms" => Duration::from_millis(1),
        "s" => Duration::from_secs(1),
        "m" => Duration::from_secs(60),
        _ => return Err(refused()),
    };
    unit.checked_mul(number).filter(|time| !time.is_zero()).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_time_has_a_unit() {
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("5m"), Ok(Duration::from_secs(300)));
        for wrong in ["", "5", "s", "5h", "0s", "-1s", "1.5s", "99999999999s", "5 s", "ä"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
