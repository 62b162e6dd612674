//! What is compared: each candidate, the design it is a version of, and who made it.

use std::net::UdpSocket;

use clap::ValueEnum;
use ringport::{BackendChoice, Design, backend};
use serde::Serialize;

use crate::Failure;
use crate::moving::{leader, pump, shared_ring, until_empty};
use crate::receive::{batched, blocking, port};

/// A part of the comparison that can be run alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// The plain designs, the library's and by hand.
    Baselines,
    /// Ways to let a registered queue move between threads.
    Moving,
}

/// The design that a candidate is a version of. Only those of one design are judged against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Group {
    /// `blocking` with one thread.
    BlockingOne,
    Blocking,
    Port,
    PortBatched,
    /// All that moves a registered queue.
    Moving,
}

impl Group {
    pub(crate) fn threads(self, threads: usize) -> usize {
        if self == Group::BlockingOne { 1 } else { threads }
    }
}

/// A receiver written by hand: it is given the socket and how many threads it shall have.
pub(crate) type Run = fn(UdpSocket, usize) -> Result<(), Failure>;

/// Who made it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Maker {
    Hand(Run),
    /// By hand, and nobody would keep it: it leaves datagrams behind. Measured, but no baseline.
    Unsound(Run),
    /// The library's design of this name.
    Library(&'static str),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub(crate) name: &'static str,
    pub(crate) group: Group,
    pub(crate) maker: Maker,
}

/// What the rates and costs of all others are shown in relation to.
pub(crate) const REFERENCE: &str = "hand-port-one-shot";

const fn hand(name: &'static str, group: Group, run: Run) -> Candidate {
    Candidate { name, group, maker: Maker::Hand(run) }
}

const fn library(name: &'static str, group: Group, design: &'static str) -> Candidate {
    Candidate { name, group, maker: Maker::Library(design) }
}

/// All of them, in the order of the report.
pub(crate) const CANDIDATES: [Candidate; 20] = [
    hand("hand-blocking-1", Group::BlockingOne, blocking::run),
    library("ringport-blocking-1", Group::BlockingOne, "blocking"),
    hand("hand-blocking", Group::Blocking, blocking::run),
    library("ringport-blocking", Group::Blocking, "blocking"),
    hand(REFERENCE, Group::Port, port::one_shot),
    hand("hand-port-level", Group::Port, port::level),
    hand("hand-port-exclusive", Group::Port, port::exclusive),
    Candidate { name: "hand-port-edge", group: Group::Port, maker: Maker::Unsound(port::edge) },
    library("ringport-port", Group::Port, "port"),
    hand("hand-port-batched", Group::PortBatched, batched::run),
    library("ringport-port-batched", Group::PortBatched, "port-batched"),
    hand("until-empty", Group::Moving, until_empty::run),
    hand("shared-ring", Group::Moving, shared_ring::plain),
    hand("shared-ring-coop", Group::Moving, shared_ring::cooperative),
    hand("shared-ring-take-over", Group::Moving, shared_ring::take_over),
    hand("leader-rings", Group::Moving, leader::run),
    hand("pump", Group::Moving, pump::at_once),
    hand("pump-hybrid", Group::Moving, pump::hybrid),
    library("ringport-registered-port", Group::Moving, "registered-port"),
    library("ringport-hybrid", Group::Moving, "hybrid"),
];

impl Candidate {
    pub(crate) fn named(name: &str) -> Option<Candidate> {
        CANDIDATES.into_iter().find(|candidate| candidate.name == name)
    }

    pub(crate) fn belongs_to(&self, part: Part) -> bool {
        match part {
            Part::Baselines => self.group != Group::Moving,
            Part::Moving => self.group == Group::Moving || self.name == REFERENCE,
        }
    }

    /// Why it cannot run here, if so.
    pub(crate) fn obstacle(&self) -> Option<String> {
        let reason = match self.maker {
            Maker::Library(design) if design.parse::<Design>().is_err() => {
                "not in this library yet".to_owned()
            }
            Maker::Hand(_) if self.needs_uring() => backend::explain(BackendChoice::Uring).err()?.to_string(),
            _ => return None,
        };
        Some(format!("{} was not measured: {reason}", self.name))
    }

    fn needs_uring(&self) -> bool {
        self.group == Group::Moving && self.name != "until-empty" && self.name != REFERENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_every_design_has_its_hand_written_rival() {
        for candidate in CANDIDATES {
            let same = CANDIDATES.iter().filter(|other| other.name == candidate.name);
            assert_eq!(same.count(), 1, "{}", candidate.name);
            let by_hand = |other: &Candidate| matches!(other.maker, Maker::Hand(_));
            assert!(CANDIDATES.iter().any(|other| other.group == candidate.group && by_hand(other)));
        }
        assert!(Candidate::named(REFERENCE).is_some() && Candidate::named("nothing").is_none());
    }
}
