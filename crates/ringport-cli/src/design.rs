//! The server designs that can be asked for.

use std::fmt;
use std::str::FromStr;

/// A server design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Design {
    Blocking,
    Polled,
    Event,
    EventPolled,
    ShardedBlocking,
    ShardedPolled,
    ShardedEvent,
    ShardedEventPolled,
}

impl Design {
    pub(crate) const ALL: [Design; 8] = [
        Design::Blocking,
        Design::Polled,
        Design::Event,
        Design::EventPolled,
        Design::ShardedBlocking,
        Design::ShardedPolled,
        Design::ShardedEvent,
        Design::ShardedEventPolled,
    ];
}

impl fmt::Display for Design {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Design::Blocking => "blocking",
            Design::Polled => "polled",
            Design::Event => "event",
            Design::EventPolled => "event-polled",
            Design::ShardedBlocking => "sharded-blocking",
            Design::ShardedPolled => "sharded-polled",
            Design::ShardedEvent => "sharded-event",
            Design::ShardedEventPolled => "sharded-event-polled",
        })
    }
}

impl FromStr for Design {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Design::ALL
            .into_iter()
            .find(|design| design.to_string() == text)
            .ok_or_else(|| format!("unknown: {text}"))
    }
}
