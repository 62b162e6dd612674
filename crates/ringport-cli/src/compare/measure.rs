//! One measurement: one design, one round.
//!
//! ```text
//!   driver    start receiver, start generator | go | look every 10 ms ........ | settled? | finish
//!   generator                           ready |    | sends ......... figures   |          |
//!   receiver          ready                   |    | first ........ last       |  idle    | figures
//!                                                    <-- what is charged -->
//! ```

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use ringport::Design;

use crate::child::Child;
use crate::failure::Failure;
use crate::figures::process::Memory;
use crate::figures::series::Series;
use crate::interrupt::Interrupt;
use crate::protocol::Protocol;
use crate::receiver::report::{Finished, Ready};
use crate::remote::Remote;
use crate::send::Sent;
use crate::sys::sockets;

use super::arguments;
use super::generator::Generator;
use super::observer::Observer;
use super::samples::SampleFile;
use super::setting::Setting;
use super::timeline::{Moment, Timeline};

/// Between two looks at the receiver.
const LOOK: Duration = Duration::from_millis(10);
/// Looks without a new datagram, a second of them, after which nothing more is coming: a receiver that gets no processor
/// for a while has not done yet, and what it does after the last look is charged to nobody.
const QUIET_LOOKS: u32 = 100;

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
    /// Dropped for want of room in the receiver's sockets; None where the system does not tell.
    pub(crate) socket_drops: Option<u64>,
    /// What the children had to say besides.
    pub(crate) notes: Vec<String>,
}

/// What the measurements of a session share.
pub(crate) struct Bench<'a> {
    pub(crate) setting: &'a Setting,
    pub(crate) interrupt: &'a Interrupt,
    pub(crate) samples: Option<&'a mut SampleFile>,
    pub(crate) remote: Option<&'a mut Remote>,
}

/// Measures `design`; `show` is told the count of received datagrams now and then. None: interrupted.
pub(crate) fn run(
    bench: Bench<'_>,
    design: Design,
    round: u32,
    show: &mut dyn FnMut(u64),
) -> Result<Option<Observed>, Failure> {
    let Bench { setting, interrupt, samples, remote } = bench;
    let address = remote.as_ref().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |remote| remote.local_ip());
    let arguments = arguments::of_receiver(setting, design, address, remote.is_some());
    let mut receiver = Child::start("receiver", &arguments)?;
    let ready: Ready = receiver.json()?;
    let Some(mut generator) = Generator::start(&setting.traffic, &ready.addresses, remote, interrupt)? else {
        return Ok(None);
    };

    let name = design.to_string();
    let file = samples.map(|file| (file, name.as_str(), round));
    let timeline = Timeline::new(Duration::from_millis(setting.sample_every_ms), file);
    let mut observer = Observer::begin(receiver, timeline, show)?;
    generator.go()?;
    let sent: Sent = loop {
        if interrupt.asked() {
            return Ok(None);
        }
        if let Some(sent) = generator.sent(LOOK)? {
            break sent;
        }
        observer.look()?;
    };
    let ports: Vec<u16> = ready.addresses.iter().map(SocketAddr::port).collect();
    let drops = || match setting.traffic.protocol {
        Protocol::Udp => sockets::drops(&ports),
        Protocol::Tcp => Some(0),
    };
    let (mut counted, mut quiet) = (0, 0);
    while quiet < QUIET_LOOKS && counted + drops().unwrap_or(0) < sent.datagrams_sent {
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
    let socket_drops = drops();
    receiver.tell("finish")?;
    let finished: Finished = receiver.json()?;
    let notes = receiver.complaints().chain(generator.notes()).collect();
    let memory = seen.memory;
    Ok(Some(Observed { design, round, ready, sent, finished, series, moments, memory, socket_drops, notes }))
}
