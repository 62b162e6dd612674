//! One measurement: one design, one round.
//!
//! ```text
//!   driver    start receiver, start generator | go | look every 10 ms ........ | settled? | finish
//!   generator                           ready |    | sends ......... figures   |          |
//!   receiver          ready                   |    | first ........ last       |  idle    | figures
//!                                                    <-- what is charged -->
//! ```

use std::time::Duration;

use ringport::Design;

use crate::failure::Failure;
use crate::figures::process::Memory;
use crate::figures::series::Series;
use crate::figures::sockets;
use crate::interrupt::Interrupt;
use crate::receiver::report::{Finished, Ready};
use crate::send::Sent;

use super::arguments;
use super::child::Child;
use super::observer::Observer;
use super::samples::SampleFile;
use super::setting::Setting;
use super::timeline::{Moment, Timeline};

/// Between two looks at the receiver.
const LOOK: Duration = Duration::from_millis(10);
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
    pub(crate) moments: Vec<Moment>,
    pub(crate) memory: Memory,
    /// Dropped for want of room in the receiver's sockets.
    pub(crate) socket_drops: u64,
    /// What the children had to say besides.
    pub(crate) notes: Vec<String>,
}

/// What the measurements of a session share.
pub(crate) struct Bench<'a> {
    pub(crate) setting: &'a Setting,
    pub(crate) interrupt: &'a Interrupt,
    pub(crate) samples: Option<&'a mut SampleFile>,
}

/// Measures `design`; `show` is told the count of received datagrams now and then. None: interrupted.
pub(crate) fn run(
    bench: Bench<'_>,
    design: Design,
    round: u32,
    show: &mut dyn FnMut(u64),
) -> Result<Option<Observed>, Failure> {
    let Bench { setting, interrupt, samples } = bench;
    let mut receiver = Child::start("receiver", &arguments::of_receiver(setting, design))?;
    let ready: Ready = receiver.json()?;
    let mut generator = Child::start("generator", &arguments::of_generator(&setting.traffic, ready.address))?;
    generator.answer()?;

    let name = design.to_string();
    let file = samples.map(|file| (file, name.as_str(), round));
    let timeline = Timeline::new(Duration::from_millis(setting.sample_every_ms), file);
    let mut observer = Observer::begin(receiver, timeline, show)?;
    generator.tell("go")?;
    let sent: Sent = loop {
        if interrupt.asked() {
            return Ok(None);
        }
        if let Some(line) = generator.line(LOOK)? {
            break generator.parse(&line)?;
        }
        observer.look()?;
    };
    let port = ready.address.port();
    let (mut counted, mut quiet) = (0, 0);
    while quiet < QUIET_LOOKS && counted + sockets::drops(port) < sent.datagrams_sent {
        if interrupt.asked() {
            return Ok(None);
        }
        std::thread::sleep(LOOK);
        observer.look()?;
        let before = std::mem::replace(&mut counted, observer.count()?);
        quiet = if counted == before { quiet + 1 } else { 0 };
    }
    let seen = observer.end()?;
    let (mut receiver, series, moments) = (seen.receiver, seen.series, seen.moments);
    let socket_drops = sockets::drops(port);
    receiver.tell("finish")?;
    let finished: Finished = receiver.json()?;
    let notes = receiver.complaints().chain(generator.complaints()).collect();
    let memory = seen.memory;
    Ok(Some(Observed { design, round, ready, sent, finished, series, moments, memory, socket_drops, notes }))
}
