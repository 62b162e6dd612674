//! The names of designs, written and read.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::Design;

/// A word that names no design: they are written as [`Design`] prints them, in small letters.
///
/// ```
/// use ringport::Design;
/// use ringport::server::UnknownDesign;
///
/// let error: UnknownDesign = "evented".parse::<Design>().unwrap_err();
/// assert_eq!(error.given, "evented");
/// assert!(error.to_string().contains("event-polled"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{given:?} is no server design: write blocking, polled, event, event-polled, or one of them after \
     \"sharded-\"; or port-1, port, port-batched, \
     registered-port-1, registered-port, hybrid, reader-thread, hybrid-reader-thread"
)]
pub struct UnknownDesign {
    /// The word that was given.
    pub given: String,
}

impl fmt::Display for Design {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Design::Blocking => "blocking",
            Design::Polled => "polled",
            Design::Event => "event",
            Design::EventPolled => "event-polled",
            Design::Port1 => "port-1",
            Design::Port => "port",
            Design::PortBatched => "port-batched",
            Design::RegisteredPort1 => "registered-port-1",
            Design::RegisteredPort => "registered-port",
            Design::Hybrid => "hybrid",
            Design::ReaderThread => "reader-thread",
            Design::HybridReaderThread => "hybrid-reader-thread",
            Design::ShardedBlocking => "sharded-blocking",
            Design::ShardedPolled => "sharded-polled",
            Design::ShardedEvent => "sharded-event",
            Design::ShardedEventPolled => "sharded-event-polled",
        })
    }
}

impl FromStr for Design {
    type Err = UnknownDesign;

    fn from_str(word: &str) -> Result<Design, UnknownDesign> {
        let named = Design::ALL.into_iter().find(|design| design.to_string() == word);
        named.ok_or_else(|| UnknownDesign { given: word.to_owned() })
    }
}
