//! What the figures hold for.

use std::collections::{BTreeMap, BTreeSet};

use ringport::net;
use ringport_stand::Failure;
use ringport_stand::day::today;
use ringport_stand::machine::{Machine, version};
use ringport_stand::part;
use serde::Serialize;

use crate::load::BYTES;
use crate::options::Options;
use crate::order::FILL;
use crate::peer::{Maker, Peer};
use crate::sender::SEGMENTS;

/// Machine, versions and options.
#[derive(Debug, Serialize)]
pub(crate) struct Setting {
    /// The day it was, in UTC.
    pub(crate) date: String,
    #[serde(flatten)]
    pub(crate) machine: Machine,
    /// What each peer is.
    pub(crate) peers: BTreeMap<&'static str, Described>,
    pub(crate) sender_and_peer_on: Option<(usize, usize)>,
    /// Bytes of a datagram where the load does not say.
    pub(crate) payload: usize,
    /// Datagrams of a fill that is drained.
    pub(crate) fill: u64,
    /// As granted; the system counts its own overhead in it.
    pub(crate) socket_buffer: usize,
    pub(crate) offload: Offload,
    pub(crate) rounds: u32,
    pub(crate) window_ms: u64,
    pub(crate) warm_up_ms: u64,
}

/// What a peer is.
#[derive(Debug, Serialize)]
pub(crate) struct Described {
    pub(crate) maker: Maker,
    pub(crate) how: &'static str,
    /// Names and versions of what it was built with.
    pub(crate) versions: Vec<String>,
}

/// What the way from one process to the other can do.
#[derive(Debug, Serialize)]
pub(crate) struct Offload {
    /// Whether the system cuts messages into datagrams (`UDP_SEGMENT`).
    pub(crate) send: bool,
    /// Whether it puts datagrams together (`UDP_GRO`).
    pub(crate) receive: bool,
    /// Datagrams of one segmented send of the sender, at most.
    pub(crate) segments: usize,
    /// Bytes of a packet on the loopback device.
    pub(crate) loopback_mtu: String,
}

/// Looks at the machine.
pub(crate) fn setting(
    options: &Options,
    processors: Option<(usize, usize)>,
    peers: &[&'static dyn Peer],
) -> Result<Setting, Failure> {
    let socket = part::socket(options.socket_buffer)?;
    let mtu = std::fs::read_to_string("/sys/class/net/lo/mtu").unwrap_or_default();
    let described = |peer: &&'static dyn Peer| {
        let versions = peer.packages().iter().map(|package| format!("{package} {}", version(package)));
        (peer.name(), Described { maker: peer.maker(), how: peer.how(), versions: versions.collect() })
    };
    Ok(Setting {
        date: today(),
        machine: Machine::look(),
        peers: peers.iter().map(described).collect(),
        sender_and_peer_on: processors,
        payload: BYTES,
        fill: FILL,
        socket_buffer: part::granted(&socket)?,
        offload: Offload {
            send: net::gso_supported(),
            receive: net::gro_supported(),
            segments: SEGMENTS,
            loopback_mtu: mtu.trim().to_owned(),
        },
        rounds: options.rounds(),
        window_ms: options.window(),
        warm_up_ms: options.warm_up(),
    })
}

impl Setting {
    /// The same for people: what, and the words for it.
    pub(crate) fn words(&self) -> Vec<(&'static str, String)> {
        let Machine { kernel, processor, processors, load_average } = &self.machine;
        let versions: BTreeSet<_> = self.peers.values().flat_map(|described| &described.versions).collect();
        let versions: Vec<_> = versions.into_iter().map(String::as_str).collect();
        let places = self.sender_and_peer_on.map_or("left to the system".to_owned(), |(sender, peer)| {
            format!("sender on processor {sender}, peer on processor {peer}")
        });
        let Offload { send, receive, segments, loopback_mtu } = &self.offload;
        let there = |there: &bool| if *there { "there" } else { "not there" };
        vec![
            ("date", self.date.clone()),
            ("machine", format!("Linux {kernel}, {processors} x {processor}, load average {load_average}")),
            ("versions", versions.join(", ")),
            ("places", places),
            ("datagrams", format!("{} bytes over 127.0.0.1 unless a load says otherwise", self.payload)),
            ("sockets", format!("{} bytes of receive buffer as granted", self.socket_buffer)),
            (
                "offload",
                format!(
                    "to send {}, to receive {}; up to {segments} datagrams a segmented send, MTU {loopback_mtu}",
                    there(send),
                    there(receive)
                ),
            ),
            (
                "rounds",
                format!(
                    "{}, interleaved, {} ms each after {} ms of warm-up, a new process each",
                    self.rounds, self.window_ms, self.warm_up_ms
                ),
            ),
        ]
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::peer;

    /// The setting of a run with all peers.
    pub(crate) fn made_up() -> Setting {
        let peers = peer::all();
        let options = <Options as clap::FromArgMatches>::from_arg_matches(
            &<Options as clap::Args>::augment_args(clap::Command::new("peers")).get_matches_from(["peers"]),
        );
        setting(&options.unwrap(), Some((0, 1)), &peers).unwrap()
    }

    #[test]
    fn every_version_is_known() {
        let setting = made_up();
        for (peer, described) in &setting.peers {
            assert!(!described.versions.iter().any(|version| version.contains("unknown")), "{peer}");
        }
        assert!(setting.words().iter().all(|(_, words)| !words.is_empty()));
    }
}
