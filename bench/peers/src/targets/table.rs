//! The targets. Figures are medians of ratios within a round.

use super::{Aim, Target};

const fn target(load: &'static str, peer: &'static str, against: &'static str, aim: Aim) -> Target {
    Target { load, peer, against, aim }
}

pub(super) const TARGETS: &[Target] = &[
    // Receive offload off, so that a segmented sender makes the socket the bottleneck and nothing else.
    target("flood-64-offload", "ringport-uring-single", "tokio", Aim::Times(1.25)),
    target("flood-64-offload", "ringport-epoll-single", "tokio", Aim::Times(1.25)),
    target("flood-64", "ringport-uring", "tokio", Aim::Times(1.4)),
    target("flood-64", "ringport-epoll", "tokio", Aim::Times(1.4)),
    target("paced-100k", "ringport-uring", "tokio", Aim::Times(1.6)),
    target("paced-100k", "ringport-epoll", "tokio", Aim::Times(1.6)),
    target("paced-100k", "ringport-uring", "tokio", Aim::Added(100.0)),
    target("paced-100k", "ringport-epoll", "tokio", Aim::Added(100.0)),
    target("paced-100k", "ringport-uring-throughput", "tokio", Aim::Times(2.5)),
    target("paced-100k", "ringport-epoll-throughput", "tokio", Aim::Times(2.5)),
    target("paced-300k", "ringport-uring-throughput", "tokio", Aim::Times(2.5)),
    target("paced-300k", "ringport-epoll-throughput", "tokio", Aim::Times(2.5)),
    target("paced-100k", "ringport-uring-throughput", "hand-recvmmsg-throughput", Aim::Parity),
    target("paced-100k", "ringport-epoll-throughput", "hand-recvmmsg-throughput", Aim::Parity),
    target("paced-300k", "ringport-uring-throughput", "hand-recvmmsg-throughput", Aim::Parity),
    target("paced-300k", "ringport-epoll-throughput", "hand-recvmmsg-throughput", Aim::Parity),
    target("echo-1", "ringport-uring", "tokio", Aim::RoundTrip),
    target("echo-1", "ringport-epoll", "tokio", Aim::RoundTrip),
    target("echo-1", "ringport-uring", "tokio", Aim::Times(1.0)),
    target("echo-1", "ringport-epoll", "tokio", Aim::Times(1.0)),
    target("flood-64-offload", "ringport-uring", "tokio", Aim::Times(35.0)),
    target("flood-64-offload", "ringport-epoll", "tokio", Aim::Times(35.0)),
    target("flood-1024-offload", "ringport-uring", "tokio", Aim::Times(5.0)),
    target("flood-1024-offload", "ringport-epoll", "tokio", Aim::Times(5.0)),
    target("flood-64-offload", "ringport-uring", "hand-recvmmsg-offload", Aim::Times(1.2)),
    target("flood-64-offload", "ringport-epoll", "hand-recvmmsg-offload", Aim::Times(1.2)),
    target("flood-1024-offload", "ringport-uring", "hand-recvmmsg-offload", Aim::Parity),
    target("flood-1024-offload", "ringport-epoll", "hand-recvmmsg-offload", Aim::Parity),
    target("echo-512", "ringport-uring", "hand-recvmmsg", Aim::Times(1.4)),
    target("echo-512", "ringport-epoll", "hand-recvmmsg", Aim::Times(1.4)),
    target("echo-512-of-64", "ringport-uring", "hand-recvmmsg", Aim::Times(1.15)),
    target("echo-512-of-64", "ringport-epoll", "hand-recvmmsg", Aim::Times(1.15)),
    target("echo-512-offload", "ringport-uring", "tokio", Aim::Times(50.0)),
    target("echo-512-offload", "ringport-epoll", "tokio", Aim::Times(50.0)),
    // Neither gathers: one fill is one batch.
    target("drain", "ringport-uring-queue-latency", "hand-multishot", Aim::Same),
    target("drain", "ringport-uring-single", "hand-multishot", Aim::Same),
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
