//! What became of the connections, and the figures of a run over TCP.

use serde::{Deserialize, Serialize};

use crate::latency::Latencies;
use crate::output::{counted, grouped};
use crate::protocol::Protocol;
use crate::send::figures::{Echoed, Sent, over};
use crate::sys::troubles;

use super::ending::Ending;
use super::plan::Plan;

/// The connections of a run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Connections {
    pub(crate) asked: u32,
    pub(crate) opened: u32,
    /// Seconds that it took to open all of them.
    pub(crate) opening_seconds: f64,
    /// Not opened: nobody listens there, or the server turned them away.
    pub(crate) refused: u64,
    /// Not opened: no answer in time.
    pub(crate) unanswered: u64,
    /// Not opened, for another reason.
    pub(crate) not_opened: u64,
    /// Ended by the server, with a reset or in order, while there was more to send or to come.
    pub(crate) reset: u64,
    pub(crate) closed: u64,
    /// Given up after the time-out.
    pub(crate) silent: u64,
    /// Given up, since they brought more than was sent.
    pub(crate) excess: u64,
    /// Ended for another reason.
    pub(crate) failed: u64,
    /// Open to the end.
    pub(crate) held: u32,
    /// What the system said of the first that failed for a reason without a count of its own.
    pub(crate) first_failure: Option<String>,
}

impl Connections {
    /// Counts one that ended.
    pub(super) fn ended(&mut self, ending: Ending) {
        match ending {
            Ending::Reset => self.reset += 1,
            Ending::Closed => self.closed += 1,
            Ending::Silent => self.silent += 1,
            Ending::Excess => self.excess += 1,
            Ending::Failed(error) => {
                self.failed += 1;
                self.first_failure.get_or_insert_with(|| troubles::describe(&error));
            }
        }
    }

    /// How many, for the line of what was sent.
    pub(crate) fn words(&self) -> String {
        let asked = counted(self.asked.into(), "connection");
        if self.held == self.asked { asked } else { format!("{} of {asked} to the end", self.held) }
    }

    /// A sentence for each thing that went wrong.
    pub(crate) fn troubles(&self) -> Vec<String> {
        let reason = self.first_failure.as_deref().unwrap_or("unknown");
        let counts = [
            (self.refused, "refused: nobody listens there, or the server is full".into()),
            (self.unanswered, "not opened in time: the server does not accept them".into()),
            (self.not_opened, format!("not opened: {reason}")),
            (self.reset, "reset by the server".into()),
            (self.closed, "closed by the server before the end".into()),
            (self.silent, "given up: nothing came within --timeout".into()),
            (self.excess, "given up: more came back than was sent".into()),
            (self.failed, format!("lost: {reason}")),
        ];
        let mut troubles: Vec<String> = counts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{} {what}", counted(count, "connection")))
            .collect();
        if self.opened > 0 && self.held == 0 {
            troubles.push("no connection was left, so the run ended early".into());
        }
        troubles
    }
}

/// What a run has counted.
pub(super) struct Tally {
    pub(super) connections: Connections,
    pub(super) sent: u64,
    pub(super) answered: u64,
    /// Answers that were not what had been sent.
    pub(super) damaged: u64,
    pub(super) latencies: Latencies,
    /// The run's time so far: from its start to the last thing that was sent or came.
    pub(super) nanoseconds: u64,
}

impl Tally {
    pub(super) fn new(connections: Connections) -> Tally {
        Tally { connections, sent: 0, answered: 0, damaged: 0, latencies: Latencies::new(), nanoseconds: 0 }
    }

    /// An answer came back so long after its message's start.
    pub(super) fn answer(&mut self, latency: u64, whole: bool) {
        self.answered += 1;
        self.damaged += u64::from(!whole);
        self.latencies.record(latency);
    }

    pub(super) fn figures(&self, plan: &Plan, interrupted: bool) -> Sent {
        let seconds = self.nanoseconds as f64 / 1e9;
        let rate_per_s = over(self.sent as f64, seconds);
        let lost = self.sent.saturating_sub(self.answered);
        let echo = plan.echo.then(|| Echoed {
            outstanding: plan.outstanding,
            received: self.answered,
            answered: self.answered,
            lost,
            lost_ratio: over(lost as f64, self.sent as f64),
            duplicates: None,
            reordered: None,
            foreign: self.damaged,
            answered_per_s: over(self.answered as f64, seconds),
            round_trip_from: if plan.rate.is_some() { "scheduled" } else { "sent" }.into(),
            round_trip_us: self.latencies.percentiles(),
        });
        let mut not_measured = Vec::new();
        if self.damaged > 0 {
            not_measured.push(format!(
                "how the server handles these messages: {} of its answers were not what it had been sent",
                grouped(self.damaged)
            ));
        }
        Sent {
            protocol: Protocol::Tcp,
            target: plan.target.to_string(),
            payload: plan.payload,
            flows: None,
            connections: Some(self.connections.clone()),
            rate_asked: plan.rate,
            sender: None,
            datagrams_sent: self.sent,
            seconds,
            rate_per_s,
            megabits_per_s: rate_per_s * plan.payload as f64 * 8.0 / 1e6,
            refusals: None,
            interrupted,
            echo,
            not_measured,
        }
    }
}
