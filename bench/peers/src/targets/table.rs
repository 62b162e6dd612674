//! The targets. Figures are medians of ratios within a round.

use super::{Aim, Target};

/// One for each backend.
const fn target(load: &'static str, face: &'static str, against: &'static str, aim: Aim) -> Target {
    Target { load, backends: &["uring", "epoll"], face, against, aim }
}

/// One beside what needs io_uring itself.
const fn uring(load: &'static str, face: &'static str, against: &'static str, aim: Aim) -> Target {
    Target { load, backends: &["uring"], face, against, aim }
}

pub(super) const TARGETS: &[Target] = &[
    // Receive offload off, so that a segmented sender makes the socket the bottleneck and nothing else.
    target("flood-64-offload", "-single", "tokio", Aim::Times(1.25)),
    target("flood-64", "", "tokio", Aim::Times(1.4)),
    target("paced-100k", "", "tokio", Aim::Times(1.6)),
    target("paced-100k", "", "tokio", Aim::Added(100.0)),
    target("paced-100k", "-throughput", "tokio", Aim::Times(2.5)),
    target("paced-300k", "-throughput", "tokio", Aim::Times(2.5)),
    target("paced-100k", "-throughput", "hand-recvmmsg-throughput", Aim::Parity),
    target("paced-300k", "-throughput", "hand-recvmmsg-throughput", Aim::Parity),
    target("echo-1", "", "tokio", Aim::RoundTrip),
    target("echo-1", "", "tokio", Aim::Times(1.0)),
    target("flood-64-offload", "", "tokio", Aim::Times(35.0)),
    target("flood-1024-offload", "", "tokio", Aim::Times(5.0)),
    target("flood-64-offload", "", "hand-recvmmsg-offload", Aim::Times(1.2)),
    target("flood-1024-offload", "", "hand-recvmmsg-offload", Aim::Parity),
    target("echo-512", "", "hand-recvmmsg", Aim::Times(1.4)),
    target("echo-512-of-64", "", "hand-recvmmsg", Aim::Times(1.15)),
    target("echo-512-offload", "", "tokio", Aim::Times(50.0)),
    // Neither gathers: one fill is one batch.
    uring("drain", "-queue-latency", "hand-multishot", Aim::Same),
    uring("drain", "-single", "hand-multishot", Aim::Same),
];

/// A peer, and the one that it is to be ahead of under every load.
pub(super) const EVERYWHERE: &[(&str, &str)] = &[
    ("ringport-uring", "compio"),
    ("ringport-uring", "compio-tasks"),
    ("ringport-uring", "compio-multishot"),
    ("ringport-uring", "monoio"),
    ("ringport-uring", "monoio-tasks"),
    ("ringport-epoll", "compio"),
    ("ringport-epoll", "compio-tasks"),
    ("ringport-epoll", "compio-multishot"),
    ("ringport-epoll", "monoio"),
    ("ringport-epoll", "monoio-tasks"),
];
