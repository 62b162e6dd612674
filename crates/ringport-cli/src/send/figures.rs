//! The figures of a run of the generator, over either protocol.

use serde::{Deserialize, Serialize};

use crate::cli::SenderKind;
use crate::latency::Percentiles;
use crate::payload;
use crate::protocol::Protocol;

use super::plan::{EchoLimits, Plan};
use super::replies::Replies;
use super::tcp::Connections;

/// Errors that a run survives.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Refusals {
    /// Times the target's machine said that nobody listens there (ICMP port unreachable).
    pub(crate) nobody_listening: u64,
    /// Datagrams that this machine's own send queue had no room for.
    pub(crate) own_queue_full: u64,
}

/// The figures of a run. What only one protocol has is absent for the other.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Sent {
    pub(crate) protocol: Protocol,
    pub(crate) target: String,
    pub(crate) payload: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) flows: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) connections: Option<Connections>,
    pub(crate) rate_asked: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sender: Option<SenderKind>,
    pub(crate) datagrams_sent: u64,
    pub(crate) seconds: f64,
    pub(crate) rate_per_s: f64,
    pub(crate) megabits_per_s: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refusals: Option<Refusals>,
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
        let rate_per_s = over(datagrams_sent as f64, seconds);
        Sent {
            protocol: Protocol::Udp,
            target: plan.target.to_string(),
            payload: plan.payload,
            flows: Some(plan.flows),
            connections: None,
            rate_asked: plan.rate,
            sender: Some(sender),
            datagrams_sent,
            seconds,
            rate_per_s,
            megabits_per_s: rate_per_s * plan.payload as f64 * 8.0 / 1e6,
            refusals: Some(refusals),
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
            lost_ratio: over(lost as f64, self.datagrams_sent as f64),
            duplicates: numbered.then_some(sequences.duplicates + sequences.too_old),
            reordered: numbered.then_some(sequences.reordered),
            foreign: replies.foreign,
            answered_per_s: over(answered as f64, self.seconds),
            round_trip_from: if plan.rate.is_some() { "scheduled" } else { "sent" }.into(),
            round_trip_us: replies.latencies().percentiles(),
        });
        self
    }

    /// Were answers expected, and did none come?
    pub(crate) fn is_unanswered(&self) -> bool {
        self.datagrams_sent > 0 && self.echo.as_ref().is_some_and(|echo| echo.answered == 0)
    }
}

/// A share or a rate; of nothing it is nothing.
pub(crate) fn over(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}
