//! The server under measurement, behind what the receiver needs of it.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::cli::ReceiverOptions;
use crate::design::Design;
use crate::failure::Failure;

use super::probe::Probe;
use super::report::{Spread, ThreadFigures};

/// A server that stands and waits to be run.
pub(crate) struct Server {
    socket: UdpSocket,
    threads: usize,
    granted: usize,
    stop: Arc<AtomicBool>,
}

/// Opens the server that the options ask for.
pub(crate) fn open(options: &ReceiverOptions) -> Result<Server, Failure> {
    if options.design != Design::Blocking {
        return Err(Failure::failed(format!("{} is not built yet", options.design)));
    }
    let open = || -> io::Result<Server> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(Duration::from_millis(20)))?;
        let granted = {
            let socket = socket2::SockRef::from(&socket);
            socket.set_recv_buffer_size(options.socket_buffer)?;
            socket.recv_buffer_size()? / 2
        };
        Ok(Server {
            socket,
            threads: options.server.threads.map_or(1, usize::from),
            granted,
            stop: Arc::default(),
        })
    };
    open().map_err(|error| Failure::failed(format!("could not open the server: {error}")))
}

impl Server {
    pub(crate) fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0)))
    }

    pub(crate) fn backend(&self) -> String {
        "std".into()
    }

    pub(crate) fn receive_buffer(&self) -> usize {
        self.granted
    }

    pub(crate) fn stopper(&self) -> Box<dyn FnOnce() + Send> {
        let stop = Arc::clone(&self.stop);
        Box::new(move || stop.store(true, Ordering::Relaxed))
    }

    pub(crate) fn run(self, make: &(dyn Fn() -> Probe + Sync)) -> Result<Vec<ThreadFigures>, Failure> {
        let figures = thread::scope(|scope| {
            let threads: Vec<_> = (0..self.threads).map(|_| scope.spawn(|| self.receive(make()))).collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
        });
        Ok(figures)
    }

    fn receive(&self, mut probe: Probe) -> ThreadFigures {
        let mut buffer = vec![0; 65_536];
        let mut datagrams = 0;
        while !self.stop.load(Ordering::Relaxed) {
            if let Ok((length, _)) = self.socket.recv_from(&mut buffer) {
                probe.see(&buffer[..length]);
                datagrams += 1;
            }
        }
        ThreadFigures {
            datagrams,
            dequeues: datagrams,
            results_per_dequeue: Spread { min: 1, mean: 1.0, max: 1 },
        }
    }
}
