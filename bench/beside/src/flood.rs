//! Traffic that waits for nothing: so many datagrams a second, a few at a time, from a thread that sleeps in between.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ringport_stand::Failure;

/// Between two bursts. It spins for none of it: the processors are for the server and the client.
const NAP: Duration = Duration::from_micros(50);

/// A running sender.
pub(crate) struct Flood {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<std::io::Result<()>>,
}

impl Flood {
    pub(crate) fn start(to: SocketAddr, rate: u64) -> Result<Flood, Failure> {
        let stop = Arc::new(AtomicBool::new(rate == 0));
        let (stopped, socket) = (Arc::clone(&stop), UdpSocket::bind("127.0.0.1:0")?);
        socket.connect(to)?;
        let thread = std::thread::spawn(move || {
            let (start, mut sent) = (Instant::now(), 0);
            while !stopped.load(Ordering::Relaxed) {
                let due = (start.elapsed().as_secs_f64() * rate as f64) as u64;
                while sent < due {
                    socket.send(&[0; 64])?;
                    sent += 1;
                }
                std::thread::sleep(NAP);
            }
            Ok(())
        });
        Ok(Flood { stop, thread })
    }

    pub(crate) fn stop(self) -> Result<(), Failure> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| "the sender panicked")??;
        Ok(())
    }
}
