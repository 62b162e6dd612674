//! One measurement: one design, one round.
//!
//! ```text
//!   driver    start receiver, start generator | go | sample every 10 ms ...... | settled? | finish
//!   generator                           ready |    | sends ......... figures   |          |
//!   receiver          ready                   |    | first ........ last       |  idle    | figures
//!                                                    <-- what is charged -->
//! ```

use std::time::{Duration, Instant};

use ringport::Design;

use crate::failure::Failure;
use crate::figures::process::{self, Memory};
use crate::figures::series::Series;
use crate::figures::sockets;
use crate::interrupt::Interrupt;
use crate::receiver::report::{Finished, Ready};
use crate::send::Sent;

use super::child::Child;
use super::setting::Setting;

/// Between two looks at the receiver.
const SAMPLE: Duration = Duration::from_millis(10);
/// Between two questions for its count, to show how it goes.
const PROGRESS: Duration = Duration::from_millis(250);
/// Looks without a new datagram after which nothing more is coming.
const QUIET_LOOKS: u32 = 8;

/// Everything that was seen of one design in one round.
pub(crate) struct Observed {
    pub(crate) design: Design,
    pub(crate) round: u32,
    pub(crate) ready: Ready,
    pub(crate) sent: Sent,
    pub(crate) finished: Finished,
    pub(crate) series: Series,
    pub(crate) memory: Memory,
    /// Dropped for want of room in the receiver's sockets.
    pub(crate) socket_drops: u64,
    /// What the children had to say besides.
    pub(crate) notes: Vec<String>,
}

/// Measures `design`; `show` is told the count of received datagrams now and then. None: interrupted.
pub(crate) fn run(
    setting: &Setting,
    design: Design,
    round: u32,
    interrupt: &Interrupt,
    mut show: impl FnMut(u64),
) -> Result<Option<Observed>, Failure> {
    let mut receiver = Child::start("receiver", &receiver_arguments(setting, design))?;
    let ready: Ready = receiver.json()?;
    let mut generator = Child::start("generator", &generator_arguments(setting, &ready))?;
    generator.answer()?;

    let mut series = Series::default();
    let mut look = |receiver: &Child| {
        let sample = process::sample(receiver.pid());
        sample
            .map(|sample| series.push(sample))
            .map_err(|error| Failure::failed(format!("no figures: {error}")))
    };
    look(&receiver)?;
    generator.tell("go")?;
    let mut shown = Instant::now();
    let sent: Sent = loop {
        if interrupt.asked() {
            return Ok(None);
        }
        if let Some(line) = generator.line(SAMPLE)? {
            break generator.parse(&line)?;
        }
        look(&receiver)?;
        if shown.elapsed() >= PROGRESS {
            shown = Instant::now();
            show(count(&mut receiver)?);
        }
    };
    let port = ready.address.port();
    let (mut counted, mut quiet) = (0, 0);
    while quiet < QUIET_LOOKS && counted + sockets::drops(port) < sent.datagrams_sent {
        if interrupt.asked() {
            return Ok(None);
        }
        std::thread::sleep(SAMPLE);
        look(&receiver)?;
        let before = std::mem::replace(&mut counted, count(&mut receiver)?);
        quiet = if counted == before { quiet + 1 } else { 0 };
    }
    look(&receiver)?;
    let memory = process::memory(receiver.pid()).unwrap_or_default();
    let socket_drops = sockets::drops(port);
    receiver.tell("finish")?;
    let finished: Finished = receiver.json()?;
    let notes = receiver.complaints().collect::<Vec<_>>().into_iter().chain(generator.complaints()).collect();
    Ok(Some(Observed { design, round, ready, sent, finished, series, memory, socket_drops, notes }))
}

fn count(receiver: &mut Child) -> Result<u64, Failure> {
    receiver.tell("count")?;
    receiver.json()
}

fn receiver_arguments(setting: &Setting, design: Design) -> Vec<String> {
    let mut arguments = vec!["receiver".into()];
    let mut option = |name: &str, value: String| arguments.push(format!("--{name}={value}"));
    option("design", design.to_string());
    option("payload", setting.payload.to_string());
    option("work", setting.work.to_string());
    option("socket-buffer", setting.socket_buffer_asked.to_string());
    option("backend", setting.backend.clone());
    // Asked for once for all designs, and meant for those that have a choice.
    if let Some(threads) = setting.threads.filter(|_| design.takes_threads()) {
        option("threads", threads.to_string());
    }
    if let Some(pending) = setting.pending {
        option("pending", pending.to_string());
    }
    if let Some(most) = setting.max_results {
        option("max-results", most.to_string());
    }
    arguments
}

fn generator_arguments(setting: &Setting, ready: &Ready) -> Vec<String> {
    let mut arguments = vec!["send".into(), ready.address.to_string(), "--controlled".into()];
    let mut option = |name: &str, value: String| arguments.push(format!("--{name}={value}"));
    option("datagrams", setting.datagrams.to_string());
    option("payload", setting.payload.to_string());
    option("flows", setting.flows.to_string());
    option("sender", setting.sender.name().into());
    if let Some(rate) = setting.rate {
        option("rate", rate.to_string());
    }
    if let Some(limit) = setting.time_limit_ms {
        option("duration", format!("{limit}ms"));
    }
    arguments
}
