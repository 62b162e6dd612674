//! Messages on connections, there and back, which the clients count.

use ringport_stand::Failure;
use ringport_stand::child::Child;
use ringport_stand::clients::{Done, Load, Order};

use super::{Bench, Cost, Outcome};
use crate::stamp::Percentiles;

impl Bench<'_> {
    pub(super) fn streams(
        &mut self,
        peer: &Child,
        port: u16,
        connections: usize,
        bytes: usize,
    ) -> Result<Outcome, Failure> {
        let _: Done = self.clients.order(&Order::Open { port, load: Load { connections, bytes } })?;
        self.exchange(self.options.warm_up())?;
        let used = Cost::of(peer)?;
        let done = self.exchange(self.options.window())?;
        let cost = Cost::of(peer)?.since(used);
        let microseconds = |nanoseconds: u64| nanoseconds as f64 / 1e3;
        Ok(Outcome {
            sent: done.messages,
            received: done.messages,
            nanoseconds: done.nanoseconds,
            cost,
            delays: Some(Percentiles {
                count: done.messages,
                p50: microseconds(done.p50),
                p99: microseconds(done.p99),
                p999: microseconds(done.p999),
            }),
        })
    }

    fn exchange(&mut self, milliseconds: u64) -> Result<Done, Failure> {
        self.clients.order(&Order::Run { milliseconds })
    }
}
