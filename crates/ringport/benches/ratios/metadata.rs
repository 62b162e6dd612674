//! What it costs to be told more of a datagram than its bytes and its sender, and to tell more with a send.
//!
//! ```text
//!   receive: addresses alone | + local address | + ECN | + time | + all three        same loop, same values looked at
//!   send:    bytes alone     | + ECN | + ECN and source                              one send, one call
//! ```

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use ringport::net::{ControlBuffer, Ecn};
use ringport::queue::Polled;
use ringport::{
    BackendChoice, BufferPool, Completion, CompletionQueue, Completions, Limits, RequestQueue, Send,
};

use crate::Failure;
use crate::affinity::Cpus;
use crate::drain::{FILL, Library, Names, set_receive_buffer};
use crate::filler::{Filler, Source};
use crate::options::Options;
use crate::report::{Report, Row};
use crate::rounds::{interleave, timed};
use crate::statistics::Quartiles;

/// What is asked for beside the addresses.
#[derive(Clone, Copy, Debug)]
struct Told {
    name: &'static str,
    local: bool,
    ecn: bool,
    time: bool,
}

const TOLD: [Told; 5] = [
    Told { name: "addresses alone", local: false, ecn: false, time: false },
    Told { name: "and the local address", local: true, ecn: false, time: false },
    Told { name: "and ECN", local: false, ecn: true, time: false },
    Told { name: "and the time", local: false, ecn: false, time: true },
    Told { name: "and all three", local: true, ecn: true, time: true },
];

const BACKENDS: [(&str, BackendChoice); 2] =
    [("io_uring", BackendChoice::Uring), ("epoll", BackendChoice::Epoll)];

/// Measures both backends.
pub(crate) fn measure(options: &Options, cpus: Cpus, report: &mut Report) -> Result<(), Failure> {
    for (name, backend) in BACKENDS {
        if let Err(error) = ringport::backend::explain(backend) {
            report.note(format!("{name} is not measured: {error}"));
            continue;
        }
        receiving(options, cpus, name, backend, report)?;
        sending(options, name, backend, report)?;
    }
    Ok(())
}

fn receiving(
    options: &Options,
    cpus: Cpus,
    name: &str,
    backend: BackendChoice,
    report: &mut Report,
) -> Result<(), Failure> {
    let mut candidates = Vec::new();
    let mut sources = Vec::new();
    for told in TOLD {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        set_receive_buffer(&socket)?;
        sources.push(Source::new(socket.local_addr()?, 64)?);
        let ours = ringport::UdpSocket::from(socket.try_clone()?);
        ours.packet_info(told.local)?;
        ours.ecn(told.ecn)?;
        ours.timestamps(told.time)?;
        let library = Library::new(socket, backend, Names::Wanted, options.pending, options.batch)?;
        candidates.push((told, library));
    }
    let filler =
        if cpus.here == cpus.other { Filler::here(sources) } else { Filler::on(cpus.other, sources) };
    let figures = interleave(options.rounds, candidates.len(), FILL, |index| {
        let mut counted = Duration::ZERO;
        let Some((told, library)) = candidates.get_mut(index) else { return Ok(counted) };
        // The first brings the candidate's memory back into the caches that the others used.
        for _ in 0..2 {
            filler.fill(index, FILL)?;
            let told = *told;
            let (time, result) = timed(|| {
                let look = |completion: &Completion| look(completion, told);
                library.drain_with(FILL, look, |requests, buffer, token| {
                    Ok(requests.receive_from(buffer, token)?)
                })
            });
            result?;
            counted = time;
        }
        Ok(counted)
    })?;
    add(report, format!("receiving 64 B over {name}"), &TOLD.map(|told| told.name), &figures);
    Ok(())
}

/// Reads what was asked for.
fn look(completion: &Completion, told: Told) {
    std::hint::black_box((completion.peer(), completion.bytes()));
    if told.local {
        std::hint::black_box(completion.local());
    }
    if told.ecn {
        std::hint::black_box(completion.ecn());
    }
    if told.time {
        std::hint::black_box(completion.timestamp());
    }
}

/// A socket that sends to one where nothing enters.
struct Sending {
    queue: CompletionQueue<Polled>,
    requests: RequestQueue,
    completions: Completions,
    pool: BufferPool,
    to: SocketAddr,
    _sink: ringport::UdpSocket,
}

/// Sends in one turn.
const SENDS: usize = 64;

impl Sending {
    fn new(backend: BackendChoice) -> Result<Sending, Failure> {
        let sink = ringport::UdpSocket::bind("127.0.0.1:0")?;
        sink.refuse_new_datagrams()?;
        let socket = ringport::UdpSocket::bind("127.0.0.1:0")?;
        let queue = CompletionQueue::builder(SENDS).backend(backend).polled()?;
        let limits = Limits { receives: 0, receive_buffers: 1, sends: SENDS as u32, send_buffers: 1 };
        let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
        let pool = BufferPool::builder().slices_per_region(2 * SENDS).regions(1..=1).build()?;
        let completions = Completions::with_capacity(SENDS);
        Ok(Sending { queue, requests, completions, pool, to: sink.local_addr()?, _sink: sink })
    }

    fn send(&mut self, control: &ControlBuffer) -> Result<(), Failure> {
        for token in 0..SENDS as u64 {
            let options = Send::new().to(self.to);
            let options = if control.is_empty() { options } else { options.control(control) };
            self.requests.send_with(self.pool.take_with(&[7; 64])?, options, token)?;
        }
        let mut left = SENDS;
        while left > 0 {
            left -= self.queue.dequeue(&mut self.completions);
            self.completions.drain().for_each(drop);
        }
        Ok(())
    }
}

fn sending(
    options: &Options,
    name: &str,
    backend: BackendChoice,
    report: &mut Report,
) -> Result<(), Failure> {
    let names = ["bytes alone", "and ECN", "and ECN and source"];
    let mut controls = [ControlBuffer::new(), ControlBuffer::new(), ControlBuffer::new()];
    let [_, marked, sourced] = &mut controls;
    marked.ecn(Ecn::Capable0)?;
    sourced.ecn(Ecn::Capable0)?.source(Ipv4Addr::LOCALHOST, 0)?;
    let mut sending = Sending::new(backend)?;
    let figures = interleave(options.rounds, names.len(), SENDS, |index| {
        let Some(control) = controls.get(index) else { return Ok(Duration::ZERO) };
        let (time, result) = timed(|| sending.send(control));
        result.map(|()| time)
    })?;
    add(report, format!("sending 64 B over {name}, a call for each"), &names, &figures);
    Ok(())
}

/// Adds rows whose base is the first.
fn add(report: &mut Report, measurement: String, names: &[&'static str], figures: &[Quartiles]) {
    let base = figures.first().map_or(1.0, |figures| figures.median);
    let rows = names.iter().zip(figures).map(|(name, figures)| Row {
        measurement: measurement.clone(),
        candidate: (*name).to_owned(),
        unit: "ns",
        figures: *figures,
        ratio: Some((figures.median / base, "the first".to_owned())),
    });
    report.add(rows.collect());
}
