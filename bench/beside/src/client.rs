//! One request at a time, and how long its answer takes.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use ringport_stand::Failure;

const LOST: Duration = Duration::from_secs(5);

/// Longer round trips are counted as this, in nanoseconds.
const LONGEST: u64 = 10_000_000_000;

/// What a client saw.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RoundTrips {
    /// A second.
    pub(crate) rate: f64,
    /// Microseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// Asks for so long, after a tenth of that to warm up.
pub(crate) fn run(server: SocketAddr, time: Duration) -> Result<RoundTrips, Failure> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(server)?;
    socket.set_read_timeout(Some(LOST))?;
    ask(&socket, time / 10)?;
    let start = Instant::now();
    let trips = ask(&socket, time)?;
    let at = |share| trips.value_at_quantile(share) as f64 / 1e3;
    Ok(RoundTrips { rate: trips.len() as f64 / start.elapsed().as_secs_f64(), p50: at(0.5), p99: at(0.99) })
}

fn ask(socket: &UdpSocket, time: Duration) -> Result<Histogram<u64>, Failure> {
    let mut trips = Histogram::new_with_bounds(1, LONGEST, 3)?;
    let (mut answer, start) = ([0; 64], Instant::now());
    while start.elapsed() < time {
        let sent = Instant::now();
        socket.send(&[0; 64])?;
        socket.recv(&mut answer)?;
        trips.saturating_record(sent.elapsed().as_nanos() as u64);
    }
    Ok(trips)
}
