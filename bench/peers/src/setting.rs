//! What the figures hold for.

use std::collections::BTreeMap;

use ringport_stand::Failure;
use ringport_stand::machine::{Machine, version};
use ringport_stand::part;
use serde::Serialize;

use crate::load::BYTES;
use crate::options::Options;
use crate::order::FILL;
use crate::peer::{Maker, Peer};

/// Machine, versions and options.
#[derive(Debug, Serialize)]
pub(crate) struct Setting {
    #[serde(flatten)]
    pub(crate) machine: Machine,
    /// Of all packages that a peer was built with.
    pub(crate) versions: BTreeMap<&'static str, String>,
    pub(crate) peers: BTreeMap<&'static str, Described>,
    pub(crate) sender_and_peer_on: Option<(usize, usize)>,
    /// Bytes of a datagram where the load does not say.
    pub(crate) payload: usize,
    /// Datagrams of a fill that is drained.
    pub(crate) fill: u64,
    /// As granted; the system counts its own overhead in it.
    pub(crate) socket_buffer: usize,
    pub(crate) rounds: u32,
    pub(crate) window_ms: u64,
    pub(crate) warm_up_ms: u64,
}

/// What a peer is.
#[derive(Debug, Serialize)]
pub(crate) struct Described {
    pub(crate) maker: Maker,
    pub(crate) how: &'static str,
}

/// Looks at the machine.
pub(crate) fn setting(
    options: &Options,
    processors: Option<(usize, usize)>,
    peers: &[&'static dyn Peer],
) -> Result<Setting, Failure> {
    let socket = part::socket(options.socket_buffer)?;
    let described =
        |peer: &&'static dyn Peer| (peer.name(), Described { maker: peer.maker(), how: peer.how() });
    let packages = peers.iter().flat_map(|peer| peer.packages());
    Ok(Setting {
        machine: Machine::look(),
        versions: packages.map(|package| (*package, version(package))).collect(),
        peers: peers.iter().map(described).collect(),
        sender_and_peer_on: processors,
        payload: BYTES,
        fill: FILL,
        socket_buffer: part::granted(&socket)?,
        rounds: options.rounds(),
        window_ms: options.window(),
        warm_up_ms: options.warm_up(),
    })
}
