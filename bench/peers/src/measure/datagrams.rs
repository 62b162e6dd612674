//! Datagrams one way, which the peer counts, and there and back, which the sender counts.

use ringport_stand::Failure;
use ringport_stand::child::Child;

use super::{Bench, Cost, Outcome};
use crate::load::Load;
use crate::order::{Order, Sent};
use crate::receiver::DELAYS;
use crate::stamp::Percentiles;

impl Bench<'_> {
    pub(super) fn one_way(&mut self, peer: &mut Child, port: u16, load: Load) -> Result<Outcome, Failure> {
        let warm_up = self.send(load, port, self.options.warm_up())?;
        // A peer is done when its socket is empty.
        let before: u64 = peer.settled(warm_up.datagrams)?.iter().sum();
        let _: Percentiles = serde_json::from_str(&peer.ask(DELAYS)?)?;
        let used = Cost::of(peer)?;
        let sent = self.send(load, port, self.options.window())?;
        let received = peer.settled(before + sent.datagrams)?.iter().sum::<u64>() - before;
        let cost = Cost::of(peer)?.since(used);
        let delays: Percentiles = serde_json::from_str(&peer.ask(DELAYS)?)?;
        Ok(Outcome {
            sent: sent.datagrams,
            received,
            nanoseconds: sent.nanoseconds,
            cost,
            delays: Some(delays).filter(|delays| delays.count > 0),
        })
    }

    pub(super) fn there_and_back(&mut self, peer: &Child, port: u16, load: Load) -> Result<Outcome, Failure> {
        self.send(load, port, self.options.warm_up())?;
        let used = Cost::of(peer)?;
        let sent = self.send(load, port, self.options.window())?;
        let cost = Cost::of(peer)?.since(used);
        Ok(Outcome {
            sent: sent.datagrams,
            received: sent.answers,
            nanoseconds: sent.nanoseconds,
            cost,
            delays: sent.round_trips,
        })
    }

    pub(super) fn send(&mut self, load: Load, port: u16, milliseconds: u64) -> Result<Sent, Failure> {
        self.sender.order(&Order { load, port, milliseconds })
    }
}
