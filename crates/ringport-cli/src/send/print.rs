//! The figures of a run for people.

use std::io;

use crate::output::{self, counted, grouped, styled, whole};
use crate::protocol::Protocol;

use super::figures::{Echoed, Sent};
use super::tcp::Connections;

impl Sent {
    /// Prints what was sent, what came back, and what went wrong.
    pub(crate) fn print(&self) -> io::Result<()> {
        output::line(&format!(
            "{} {} {}s of {} bytes to {} in {:.3} s: {}/s, {} Mbit/s ({})",
            styled(output::HEADING, "sent"),
            grouped(self.datagrams_sent),
            self.protocol.unit(),
            grouped(self.payload as u64),
            self.target,
            self.seconds,
            whole(self.rate_per_s),
            whole(self.megabits_per_s),
            self.way(),
        ))?;
        if let Some(echo) = &self.echo {
            echo.print(self.protocol)?;
        }
        self.troubles().iter().for_each(|trouble| output::warning(trouble));
        Ok(())
    }

    /// Over what it was sent.
    fn way(&self) -> String {
        let sender = self.sender.map(|sender| format!("{} sender", sender.name()));
        let flows = self.flows.map(|flows| counted(flows.into(), "flow"));
        let connections = self.connections.as_ref().map(Connections::words);
        [sender, flows, connections].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// What a user should not overlook.
    fn troubles(&self) -> Vec<String> {
        let mut troubles = self.connections.as_ref().map(Connections::troubles).unwrap_or_default();
        let refusals = self.refusals.unwrap_or_default();
        if refusals.nobody_listening > 0 {
            let times = grouped(refusals.nobody_listening);
            troubles.push(format!("{times} times {} answered that nobody listens there", self.target));
        }
        if refusals.own_queue_full > 0 {
            let lost = grouped(refusals.own_queue_full);
            troubles
                .push(format!("{lost} datagrams found this machine's own send queue full and were not sent"));
        }
        troubles.extend(self.not_measured.iter().map(|missing| format!("not measured: {missing}")));
        if self.interrupted {
            troubles.push("ended early, as asked".into());
        }
        troubles
    }
}

impl Echoed {
    fn print(&self, protocol: Protocol) -> io::Result<()> {
        let known = |count: Option<u64>| count.map_or("not measured".into(), grouped);
        // A stream cannot repeat or reorder.
        let order = match protocol {
            Protocol::Udp => {
                format!(", duplicates {}, reordered {}", known(self.duplicates), known(self.reordered))
            }
            Protocol::Tcp => String::new(),
        };
        let loss_style = if self.lost == 0 { output::GOOD } else { output::BAD };
        output::line(&format!(
            "{} {} answered ({}/s), {}{order}, foreign {}",
            styled(output::HEADING, "back"),
            grouped(self.answered),
            whole(self.answered_per_s),
            styled(loss_style, &format!("lost {} ({:.3} %)", grouped(self.lost), self.lost_ratio * 100.0)),
            grouped(self.foreign),
        ))?;
        let Some(trip) = self.round_trip_us else { return Ok(()) };
        output::line(&format!(
            "{} us from the {} time: min {:.1}  p50 {:.1}  p90 {:.1}  p99 {:.1}  p99.9 {:.1}  max {:.1}",
            styled(output::HEADING, "trip"),
            self.round_trip_from,
            trip.min,
            trip.p50,
            trip.p90,
            trip.p99,
            trip.p999,
            trip.max,
        ))
    }
}
