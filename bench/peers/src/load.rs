//! What the peers are put under.

use std::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What a peer does with what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Work {
    /// Looks at every datagram.
    Receive,
    /// Sends every datagram back.
    Echo,
    /// Sends back what comes on connections.
    Streams,
}

impl fmt::Display for Work {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Work::Receive => "receive",
            Work::Echo => "echo",
            Work::Streams => "streams",
        })
    }
}

/// How datagrams leave the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Way {
    /// One call a datagram.
    Plain,
    /// One call for up to 64, which the kernel cuts late (`UDP_SEGMENT`); for echoes the answers come together as well
    /// (`UDP_GRO`).
    Offload,
}

/// A load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Load {
    /// As fast as one thread sends.
    Flood { way: Way, bytes: usize },
    /// So many a second, evenly.
    Paced { rate: u64 },
    /// Sockets filled while the peer stands still: only emptying them is measured.
    Drain,
    /// Requests whose answers are waited for: so many outstanding, over so many sockets.
    Echo { way: Way, outstanding: usize, sockets: usize },
    /// Connections, each of which sends its next message when the last one is back.
    Streams { connections: usize, bytes: usize },
}

/// Bytes of a datagram where the load does not say.
pub(crate) const BYTES: usize = 64;

const fn flood(way: Way, bytes: usize) -> Load {
    Load::Flood { way, bytes }
}

const fn echo(way: Way, outstanding: usize, sockets: usize) -> Load {
    Load::Echo { way, outstanding, sockets }
}

const fn streams(connections: usize, bytes: usize) -> Load {
    Load::Streams { connections, bytes }
}

impl Load {
    /// All of them, in the order of the tables.
    pub(crate) const ALL: [Load; 19] = [
        flood(Way::Plain, 64),
        flood(Way::Plain, 1024),
        flood(Way::Offload, 64),
        flood(Way::Offload, 1024),
        Load::Paced { rate: 10_000 },
        Load::Paced { rate: 100_000 },
        Load::Paced { rate: 300_000 },
        Load::Drain,
        echo(Way::Plain, 1, 1),
        echo(Way::Plain, 64, 1),
        echo(Way::Plain, 512, 1),
        echo(Way::Plain, 512, 64),
        echo(Way::Offload, 512, 1),
        streams(1, 64),
        streams(64, 64),
        streams(512, 64),
        streams(1, 16 * 1024),
        streams(64, 16 * 1024),
        streams(512, 16 * 1024),
    ];

    /// What the peer does.
    pub(crate) fn work(self) -> Work {
        match self {
            Load::Flood { .. } | Load::Paced { .. } | Load::Drain => Work::Receive,
            Load::Echo { .. } => Work::Echo,
            Load::Streams { .. } => Work::Streams,
        }
    }

    /// What happens, in a line.
    pub(crate) fn describe(self) -> String {
        let size = |bytes: usize| {
            if bytes.is_multiple_of(1024) { format!("{} KiB", bytes / 1024) } else { format!("{bytes} B") }
        };
        match self {
            Load::Flood { way: Way::Plain, bytes } => {
                format!("datagrams of {}, one call each to send, as fast as one thread can", size(bytes))
            }
            Load::Flood { way: Way::Offload, bytes } => {
                format!("datagrams of {}, sent 64 a call with segmentation offload", size(bytes))
            }
            Load::Paced { rate } => format!("{},000 datagrams a second, evenly", rate / 1000),
            Load::Drain => "512 datagrams that are there already, received in lockstep".into(),
            Load::Echo { way: Way::Plain, outstanding, sockets } => {
                let clients = if sockets == 1 { "client" } else { "clients" };
                format!("{outstanding} outstanding from {sockets} plain {clients}")
            }
            Load::Echo { way: Way::Offload, outstanding, .. } => {
                format!("{outstanding} outstanding from a client with segmentation and receive offload")
            }
            Load::Streams { connections, bytes } => {
                let each = if connections == 1 { " connection" } else { " connections, each" };
                format!("messages of {} on {connections}{each} with one outstanding", size(bytes))
            }
        }
    }

    /// The load of this name.
    #[cfg(test)]
    pub(crate) fn named(name: &str) -> Option<Load> {
        Load::ALL.into_iter().find(|load| load.to_string() == name)
    }
}

/// What it is called on the command line, in the tables and in the JSON.
impl fmt::Display for Load {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |way: &Way| if *way == Way::Plain { "" } else { "-offload" };
        formatter.pad(&match self {
            Load::Flood { way, bytes } => format!("flood-{bytes}{}", name(way)),
            Load::Paced { rate } => format!("paced-{}k", rate / 1000),
            Load::Drain => "drain".into(),
            Load::Echo { way, outstanding, sockets: 1 } => format!("echo-{outstanding}{}", name(way)),
            Load::Echo { way, outstanding, sockets } => {
                format!("echo-{outstanding}-of-{sockets}{}", name(way))
            }
            Load::Streams { connections, bytes } => format!("tcp-{connections}-{bytes}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_load_has_a_name_of_its_own() {
        for load in Load::ALL {
            assert_eq!(Load::named(&load.to_string()), Some(load));
        }
    }
}
