//! The figures of a run of the generator, for people and for machines.

use std::io;

use serde::{Deserialize, Serialize};

use crate::cli::SenderKind;
use crate::latency::Percentiles;
use crate::output::{self, counted, grouped, styled, whole};
use crate::payload;

use super::plan::{EchoLimits, Plan};
use super::replies::Replies;

/// Errors that a run survives.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Refusals {
    /// Times the target's machine said that nobody listens there (ICMP port unreachable).
    pub(crate) nobody_listening: u64,
    /// Datagrams that this machine's own send queue had no room for.
    pub(crate) own_queue_full: u64,
}

/// The figures of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Sent {
    pub(crate) target: String,
    pub(crate) payload: usize,
    pub(crate) flows: u32,
    pub(crate) rate_asked: Option<u64>,
    pub(crate) sender: SenderKind,
    pub(crate) datagrams_sent: u64,
    pub(crate) seconds: f64,
    pub(crate) rate_per_s: f64,
    pub(crate) megabits_per_s: f64,
    pub(crate) refusals: Refusals,
    pub(crate) interrupted: bool,
    pub(crate) echo: Option<Echoed>,
    /// What this run could not measure, and why.
    pub(crate) not_measured: Vec<String>,
}

/// What came back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Echoed {
    pub(crate) outstanding: Option<u64>,
    pub(crate) received: u64,
    pub(crate) answered: u64,
    pub(crate) lost: u64,
    pub(crate) lost_ratio: f64,
    pub(crate) duplicates: Option<u64>,
    pub(crate) reordered: Option<u64>,
    pub(crate) foreign: u64,
    pub(crate) answered_per_s: f64,
    /// From the scheduled time if there was a rate, else from the time of sending.
    pub(crate) round_trip_from: String,
    pub(crate) round_trip_us: Option<Percentiles>,
}

impl Sent {
    pub(crate) fn new(
        plan: &Plan,
        sender: SenderKind,
        numbered: u64,
        refusals: Refusals,
        nanoseconds: u64,
        interrupted: bool,
    ) -> Sent {
        let seconds = nanoseconds as f64 / 1e9;
        let datagrams_sent = numbered - refusals.own_queue_full;
        let rate_per_s = if seconds > 0.0 { datagrams_sent as f64 / seconds } else { 0.0 };
        Sent {
            target: plan.target.to_string(),
            payload: plan.payload,
            flows: plan.flows,
            rate_asked: plan.rate,
            sender,
            datagrams_sent,
            seconds,
            rate_per_s,
            megabits_per_s: rate_per_s * plan.payload as f64 * 8.0 / 1e6,
            refusals,
            interrupted,
            echo: None,
            not_measured: Vec::new(),
        }
    }

    pub(crate) fn with_replies(mut self, plan: &Plan, limits: EchoLimits, replies: &Replies) -> Sent {
        let numbered = plan.payload >= payload::WITH_SEQUENCE;
        let (answered, sequences) = (replies.answered().min(self.datagrams_sent), replies.sequences());
        let lost = self.datagrams_sent - answered;
        if !numbered {
            self.not_measured.push(format!(
                "duplicates, reordering and round trips: a sequence number needs --payload {}",
                payload::WITH_SEQUENCE
            ));
        } else if replies.latencies().percentiles().is_none()
            && plan.rate.is_none()
            && plan.payload < payload::HEADER
        {
            self.not_measured.push(format!("round trips: the send time needs --payload {}", payload::HEADER));
        }
        self.echo = Some(Echoed {
            outstanding: limits.outstanding,
            received: replies.received,
            answered,
            lost,
            lost_ratio: if self.datagrams_sent > 0 { lost as f64 / self.datagrams_sent as f64 } else { 0.0 },
            duplicates: numbered.then_some(sequences.duplicates + sequences.too_old),
            reordered: numbered.then_some(sequences.reordered),
            foreign: replies.foreign,
            answered_per_s: if self.seconds > 0.0 { answered as f64 / self.seconds } else { 0.0 },
            round_trip_from: if plan.rate.is_some() { "scheduled" } else { "sent" }.into(),
            round_trip_us: replies.latencies().percentiles(),
        });
        self
    }

    /// Were answers expected, and did none come?
    pub(crate) fn is_unanswered(&self) -> bool {
        self.datagrams_sent > 0 && self.echo.as_ref().is_some_and(|echo| echo.answered == 0)
    }

    /// Prints the figures for people.
    pub(crate) fn print(&self) -> io::Result<()> {
        output::line(&format!(
            "{} {} datagrams of {} bytes to {} in {:.3} s: {}/s, {} Mbit/s ({} sender, {})",
            styled(output::HEADING, "sent"),
            grouped(self.datagrams_sent),
            grouped(self.payload as u64),
            self.target,
            self.seconds,
            whole(self.rate_per_s),
            whole(self.megabits_per_s),
            self.sender.name(),
            counted(self.flows.into(), "flow"),
        ))?;
        if let Some(echo) = &self.echo {
            echo.print()?;
        }
        if self.refusals.nobody_listening > 0 {
            let times = grouped(self.refusals.nobody_listening);
            output::warning(&format!("{times} times {} answered that nobody listens there", self.target));
        }
        if self.refusals.own_queue_full > 0 {
            let lost = grouped(self.refusals.own_queue_full);
            output::warning(&format!(
                "{lost} datagrams found this machine's own send queue full and were not sent"
            ));
        }
        for missing in &self.not_measured {
            output::warning(&format!("not measured: {missing}"));
        }
        if self.interrupted {
            output::warning("ended early, as asked");
        }
        Ok(())
    }
}

impl Echoed {
    fn print(&self) -> io::Result<()> {
        let known = |count: Option<u64>| count.map_or("not measured".into(), grouped);
        let loss_style = if self.lost == 0 { output::GOOD } else { output::BAD };
        output::line(&format!(
            "{} {} answered ({}/s), {}, duplicates {}, reordered {}, foreign {}",
            styled(output::HEADING, "back"),
            grouped(self.answered),
            whole(self.answered_per_s),
            styled(loss_style, &format!("lost {} ({:.3} %)", grouped(self.lost), self.lost_ratio * 100.0)),
            known(self.duplicates),
            known(self.reordered),
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
