//! Two threads that answer each other, so that each packet wakes the one who sleeps.
//!
//! ```text
//!   this thread ──► port or channel ──► partner        the partner of each candidate sleeps
//!        ▲                                 │           until it is that candidate's turn
//!        └───────── port or channel ◄──────┘
//! ```
//!
//! A port and the standard library's channel put a thread that finds nothing to sleep, nearly at once. crossbeam's
//! spins and yields first. Where both threads have a processor it is answered before it would sleep, and so wakes
//! nobody; where they share one, its spinning keeps the other from answering. Both rivals are shown and judged.

use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::unbounded;
use ringport::{CompletionPort, Packet};

use super::judge;
use crate::Failure;
use crate::affinity;
use crate::options::Options;
use crate::report::{Report, Row};
use crate::rounds::{interleave, timed};
use crate::statistics::Quartiles;

/// Round trips of one turn.
const TRIPS: usize = 200;
/// Turns are long, so a part of the rounds says enough.
const ROUNDS: usize = 120;
const NAMES: [&str; 3] =
    ["CompletionPort, one each way", "crossbeam-channel, unbounded", "std::sync::mpsc::channel"];
const STARTS: [Start; 3] = [ports, crossbeam, standard];
/// What the port may cost of what a channel costs.
const TIMES: f64 = 1.2;

/// There and back, once.
type Trip = Box<dyn Fn(u64) -> Result<u64, Failure>>;
/// Makes a pair whose partner is on this processor.
type Start = fn(usize) -> Result<Pair, Failure>;

/// This thread's side, and the partner at the other.
struct Pair {
    trip: Option<Trip>,
    partner: Option<JoinHandle<()>>,
}

impl Pair {
    fn new(
        processor: usize,
        answer: impl FnOnce() + Send + 'static,
        trip: impl Fn(u64) -> Result<u64, Failure> + 'static,
    ) -> Pair {
        let partner = std::thread::spawn(move || {
            // Elsewhere it is a partner all the same.
            let _ = affinity::pin(processor);
            answer();
        });
        Pair { trip: Some(Box::new(trip)), partner: Some(partner) }
    }

    fn play(&self) -> Result<(), Failure> {
        let trip = self.trip.as_ref().ok_or("the partner is gone")?;
        for value in 0..TRIPS as u64 {
            if trip(value)? != value {
                return Err("another packet came back".into());
            }
        }
        Ok(())
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        // The partner ends when this side is gone.
        self.trip = None;
        let _ = self.partner.take().map(JoinHandle::join);
    }
}

/// Closes a port when its side of the pair is gone.
struct Closing(CompletionPort);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn ports(processor: usize) -> Result<Pair, Failure> {
    let (there, back) = (CompletionPort::new(1)?, CompletionPort::new(1)?);
    let (arriving, answering) = (there.clone(), back.clone());
    let answer = move || {
        while let Ok(Packet::Posted { key, value }) = arriving.wait(None) {
            if answering.post(key, value).is_err() {
                return;
            }
        }
    };
    let there = Closing(there);
    Ok(Pair::new(processor, answer, move |value| {
        there.0.post(1, value)?;
        match back.wait(None)? {
            Packet::Posted { value, .. } => Ok(value),
            other => Err(format!("a packet that nobody posted: {other:?}").into()),
        }
    }))
}

fn crossbeam(processor: usize) -> Result<Pair, Failure> {
    let (there, arriving) = unbounded();
    let (answering, back) = unbounded();
    let answer = move || arriving.into_iter().try_for_each(|pair| answering.send(pair)).unwrap_or(());
    Ok(Pair::new(processor, answer, move |value| {
        there.send((1_u64, value))?;
        Ok(back.recv()?.1)
    }))
}

fn standard(processor: usize) -> Result<Pair, Failure> {
    let (there, arriving) = mpsc::channel();
    let (answering, back) = mpsc::channel();
    let answer = move || arriving.into_iter().try_for_each(|pair| answering.send(pair)).unwrap_or(());
    Ok(Pair::new(processor, answer, move |value| {
        there.send((1_u64, value))?;
        Ok(back.recv()?.1)
    }))
}

/// Measures with the partners on processor `other`.
pub(super) fn measure(
    options: &Options,
    here: usize,
    other: usize,
    report: &mut Report,
) -> Result<(), Failure> {
    let pairs = STARTS.iter().map(|start| start(other)).collect::<Result<Vec<_>, _>>()?;
    let mut used = vec![Vec::new(); pairs.len()];
    let times = interleave(options.rounds.min(ROUNDS), pairs.len(), TRIPS, |index| {
        let Some((pair, used)) = pairs.get(index).zip(used.get_mut(index)) else {
            return Err("no such pair".into());
        };
        let before = process_time();
        let (time, result) = timed(|| pair.play());
        used.push((process_time() - before).as_nanos() as f64 / TRIPS as f64);
        result.map(|()| time)
    })?;
    let used = used.iter().map(|samples| Quartiles::of(samples)).collect();
    let processors = if here == other { "one processor" } else { "two processors" };
    let what = format!("ping-pong between two threads on {processors}");
    let measured: Vec<_> = NAMES.into_iter().zip(times.iter().copied()).collect();
    for (kind, figures) in [("a round trip", times), ("processor time of both for it", used)] {
        report.add(rows(&format!("{what}, {kind}"), &figures));
    }
    if let [(_, port), rivals @ ..] = &measured[..] {
        rivals.iter().for_each(|rival| report.judge(judge(what.clone(), *port, *rival, (TIMES, 0.0))));
    }
    Ok(())
}

fn rows(measurement: &str, figures: &[Quartiles]) -> Vec<Row> {
    let port = figures.first().map_or(0.0, |figures| figures.median);
    let row = |(candidate, figures): (&str, &Quartiles)| Row {
        measurement: measurement.to_owned(),
        candidate: candidate.to_owned(),
        unit: "ns",
        figures: *figures,
        ratio: Some((figures.median / port, "port".to_owned())),
    };
    NAMES.into_iter().zip(figures).map(row).collect()
}

/// What all threads of this process have used of their processors; those that sleep use nothing.
fn process_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes one structure, which `time` is.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
