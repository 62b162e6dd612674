//! A sink with state of its own for each thread, spread over the processors, and a report pushed to whoever
//! asked last: `cargo run --release --example telemetry`, then send samples to port 9001.
//!
//! Of Linux: Windows spreads no peers over sockets that share a port, so a server of this design is refused there.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use ringport::{Datagram, Design, UdpServer};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = UdpServer::bind("[::]:9001")?.design(Design::ShardedEventPolled).stop_on_signals();
    let (sender, handle) = (server.sender(), server.handle());
    let listener = Mutex::new(None::<SocketAddr>);

    std::thread::scope(|scope| {
        let reporter = scope.spawn(|| {
            // Pushes need no request: the sender works from any thread.
            while !handle.is_stopping() {
                std::thread::park_timeout(Duration::from_secs(1));
                let peer = listener.lock().ok().and_then(|peer| *peer);
                if let Some(peer) = peer {
                    let total = handle.counters().total.datagrams;
                    if let Err(error) = sender.send_copy(peer, format!("{total} samples\n").as_bytes()) {
                        eprintln!("{peer}: {error}");
                    }
                }
            }
        });
        let report = server.run_with(|_thread| {
            // Made on its thread: no lock guards it.
            let mut samples: HashMap<SocketAddr, u64> = HashMap::new();
            let listener = &listener;
            move |datagram: Datagram<'_>| match datagram.payload() {
                b"report\n" => {
                    if let Ok(mut peer) = listener.lock() {
                        *peer = Some(datagram.peer());
                    }
                }
                _ => *samples.entry(datagram.peer()).or_default() += 1,
            }
        });
        reporter.thread().unpark();
        report
    })?;
    Ok(())
}
