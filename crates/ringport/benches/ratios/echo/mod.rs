//! Echo in lockstep: one datagram outstanding, which is when a server's wake-ups cost most.
//!
//! ```text
//!   client (here) ── 64 B ──► server thread (other core): wakes, receives, sends back, sleeps
//!          ◄───────────────── time: the round trip; CPU: what the server's thread used
//! ```

mod hand;
mod library;

use std::net::{SocketAddr, UdpSocket};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use ringport::BackendChoice;

use crate::Failure;
use crate::affinity::{self, Cpus};
use crate::options::Options;
use crate::report::{Report, Row};
use crate::rounds::{interleave, timed};
use crate::statistics::Quartiles;

/// Echoes of one turn.
const ECHOES: usize = 200;
const PAYLOAD: usize = 64;
/// A datagram of this length ends a server.
const END: usize = 1;

type Serve = fn(UdpSocket) -> Result<(), Failure>;

const CANDIDATES: [(&str, Option<BackendChoice>, Serve); 4] = [
    ("library over io_uring, event queue", Some(BackendChoice::Uring), library::uring),
    ("library over epoll, event queue", Some(BackendChoice::Epoll), library::epoll),
    ("epoll, recvfrom, sendto by hand", None, hand::epoll),
    ("blocking recvfrom, sendto by hand", None, hand::blocking),
];
/// What the ratios are over.
const BASE: usize = 2;

/// A server thread and the client's socket.
struct Server {
    name: &'static str,
    client: UdpSocket,
    clock: libc::clockid_t,
    thread: Option<JoinHandle<Result<(), String>>>,
}

impl Server {
    fn start(name: &'static str, serve: Serve, cpu: usize) -> Result<Server, Failure> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        let address: SocketAddr = socket.local_addr()?;
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let pinned = affinity::pin(cpu).and_then(|()| own_clock());
            let ready = pinned.and_then(|clock| sender.send(clock).map_err(std::io::Error::other));
            ready.map_err(|error| error.to_string())?;
            serve(socket).map_err(|failure| failure.to_string())
        });
        let clock = receiver.recv()?;
        let client = UdpSocket::bind("127.0.0.1:0")?;
        client.connect(address)?;
        client.set_read_timeout(Some(Duration::from_secs(5)))?;
        Ok(Server { name, client, clock, thread: Some(thread) })
    }

    fn echo(&self, count: usize) -> Result<(), Failure> {
        let mut bytes = [7; PAYLOAD];
        for _ in 0..count {
            self.client.send(&bytes)?;
            self.client.recv(&mut bytes).map_err(|error| format!("{}: {error}", self.name))?;
        }
        Ok(())
    }

    /// What the server's thread has used of its processor.
    fn used(&self) -> Duration {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the call writes one structure, which `time` is.
        unsafe { libc::clock_gettime(self.clock, &mut time) };
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.client.send(&[0; END]).is_ok()
            && let Some(Ok(Err(failure))) = self.thread.take().map(JoinHandle::join)
        {
            eprintln!("{}: {failure}", self.name);
        }
    }
}

/// The clock of the calling thread's processor time, readable by other threads.
fn own_clock() -> std::io::Result<libc::clockid_t> {
    let mut clock = 0;
    // SAFETY: the calling thread exists, and the call writes one clock id.
    match unsafe { libc::pthread_getcpuclockid(libc::pthread_self(), &mut clock) } {
        0 => Ok(clock),
        error => Err(std::io::Error::from_raw_os_error(error)),
    }
}

/// Measures all servers in turn.
pub(crate) fn measure(options: &Options, cpus: Cpus, report: &mut Report) -> Result<(), Failure> {
    let mut servers = Vec::new();
    for (name, backend, serve) in CANDIDATES {
        match backend.map_or(Ok(None), |backend| ringport::backend::explain(backend).map(Some)) {
            Ok(_) => servers.push(Server::start(name, serve, cpus.other)?),
            Err(error) => report.note(format!("{name} is not measured: {error}")),
        }
    }
    let mut cpu = vec![Vec::new(); servers.len()];
    let times = interleave(options.rounds.min(100), servers.len(), ECHOES, |index| {
        let Some(server) = servers.get(index) else { return Ok(Duration::ZERO) };
        let before = server.used();
        let (time, result) = timed(|| server.echo(ECHOES));
        result?;
        if let Some(samples) = cpu.get_mut(index) {
            samples.push((server.used() - before).as_nanos() as f64 / ECHOES as f64);
        }
        Ok(time)
    })?;
    let cpu: Vec<_> = cpu.iter().map(|samples| Quartiles::of(samples)).collect();
    for (what, figures) in [("round trip", times), ("processor time of the server", cpu)] {
        let base = CANDIDATES.get(BASE).and_then(|(base, ..)| {
            let found = servers.iter().zip(&figures).find(|(server, _)| server.name == *base);
            found.map(|(_, figures)| figures.median)
        });
        let rows = servers.iter().zip(&figures).map(|(server, figures)| Row {
            measurement: format!("echo, {PAYLOAD} B, one outstanding, {what}"),
            candidate: server.name.to_owned(),
            unit: "ns",
            figures: *figures,
            ratio: base.map(|base| (figures.median / base, "epoll by hand".to_owned())),
        });
        report.add(rows.collect());
    }
    Ok(())
}
