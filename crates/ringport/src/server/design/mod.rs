//! The server designs: how datagrams get from the socket to the handlers.
//!
//! Each design is one file, or one strategy of a file. All of them run the same handler, so that they can
//! be compared by changing one word.

pub(super) mod blocking;
mod desk;
pub(super) mod registered;
pub(super) mod sharded;
pub(super) mod waiting;

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// How a server gets its datagrams.
///
/// | design | sockets | threads | a thread |
/// | --- | --- | --- | --- |
/// | `blocking` | 1 | any number | one blocking receive call a datagram, no queue |
/// | `polled` | 1 | 1 | registered I/O; asks its queue again and again and never sleeps |
/// | `event` | 1 | 1 | registered I/O; asks for a notification, sleeps, takes a batch, repeats |
/// | `event-polled` | 1 | 1 | as `event`, but takes batches until there are none before it sleeps |
/// | `sharded-…` | one a thread | any number | as the design it is named after, on a socket of its own |
///
/// The sharded designs share one port: the kernel sends each peer to one of the sockets (`SO_REUSEPORT`), so
/// one peer alone keeps one thread busy, whatever their number.
///
/// ```
/// use ringport::Design;
///
/// assert_eq!("event-polled".parse(), Ok(Design::EventPolled));
/// assert_eq!(Design::ShardedEvent.to_string(), "sharded-event");
/// assert_eq!(Design::default(), Design::EventPolled);
/// # assert_eq!(Design::ALL.len(), 8);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Design {
    /// One blocking receive system call a datagram. The baseline: no registered memory is involved beyond
    /// the slice that a thread receives into.
    Blocking,
    /// One thread that spins on its completion queue. The shortest latency, for a whole processor.
    Polled,
    /// One thread: notify, wait, dequeue, handle, repeat.
    Event,
    /// One thread that dequeues first, and asks for a notification only when the queue was empty.
    #[default]
    EventPolled,
    /// [`Design::Blocking`] with a socket a thread.
    ShardedBlocking,
    /// [`Design::Polled`] with a socket a thread.
    ShardedPolled,
    /// [`Design::Event`] with a socket a thread.
    ShardedEvent,
    /// [`Design::EventPolled`] with a socket a thread.
    ShardedEventPolled,
}

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
     \"sharded-\""
)]
pub struct UnknownDesign {
    /// The word that was given.
    pub given: String,
}

impl Design {
    /// Every design, simple ones first.
    pub const ALL: [Design; 8] = [
        Design::Blocking,
        Design::Polled,
        Design::Event,
        Design::EventPolled,
        Design::ShardedBlocking,
        Design::ShardedPolled,
        Design::ShardedEvent,
        Design::ShardedEventPolled,
    ];

    /// Whether each of its threads has a socket of its own.
    ///
    /// ```
    /// assert!(ringport::Design::ShardedPolled.is_sharded());
    /// ```
    pub fn is_sharded(self) -> bool {
        matches!(
            self,
            Design::ShardedBlocking
                | Design::ShardedPolled
                | Design::ShardedEvent
                | Design::ShardedEventPolled
        )
    }

    /// Whether it receives through registered memory and completion queues, so that it has a
    /// [backend](crate::BackendKind); the blocking ones have none.
    ///
    /// ```
    /// assert!(!ringport::Design::Blocking.is_registered());
    /// ```
    pub fn is_registered(self) -> bool {
        !matches!(self, Design::Blocking | Design::ShardedBlocking)
    }

    /// Whether more than one thread can be asked for.
    ///
    /// ```
    /// use ringport::Design;
    ///
    /// assert!(Design::Blocking.takes_threads() && !Design::Event.takes_threads());
    /// ```
    pub fn takes_threads(self) -> bool {
        self.is_sharded() || self == Design::Blocking
    }
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
    type Err = UnknownDesign;

    fn from_str(word: &str) -> Result<Design, UnknownDesign> {
        let named = Design::ALL.into_iter().find(|design| design.to_string() == word);
        named.ok_or_else(|| UnknownDesign { given: word.to_owned() })
    }
}
