//! A TCP peer of the standard library alone, which behaves as a test says.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// A listener on a port of its own, with a thread for each connection.
pub(crate) struct StreamPeer {
    pub(crate) address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl StreamPeer {
    /// `behaviour` gets each connection and its number.
    pub(crate) fn start(behaviour: impl Fn(TcpStream, usize) + Send + Sync + 'static) -> StreamPeer {
        StreamPeer::start_at("127.0.0.1:0", behaviour)
    }

    pub(crate) fn start_at(
        address: &str,
        behaviour: impl Fn(TcpStream, usize) + Send + Sync + 'static,
    ) -> StreamPeer {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, behaviour) = (Arc::clone(&stop), Arc::new(behaviour));
        let thread = std::thread::spawn(move || {
            let mut threads = Vec::new();
            for (number, stream) in listener.incoming().enumerate() {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let (stream, behaviour) = (stream.unwrap(), Arc::clone(&behaviour));
                threads.push(std::thread::spawn(move || behaviour(stream, number)));
            }
            threads.into_iter().for_each(|thread| thread.join().unwrap());
        });
        StreamPeer { address, stop, thread: Some(thread) }
    }

    /// An honest echo.
    pub(crate) fn echo() -> StreamPeer {
        StreamPeer::start(|stream, _| echo(stream, usize::MAX))
    }

    pub(crate) fn target(&self) -> String {
        format!("tcp://{}", self.address)
    }
}

/// Sends back what comes, until the end or until `bytes` have come.
pub(crate) fn echo(mut stream: TcpStream, bytes: usize) {
    let (mut buffer, mut left) = ([0; 16_384], bytes);
    while left > 0 {
        let room = buffer.len().min(left);
        match stream.read(&mut buffer[..room]) {
            Ok(length) if length > 0 && stream.write_all(&buffer[..length]).is_ok() => left -= length,
            _ => return,
        }
    }
}

impl Drop for StreamPeer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the accepting thread, which then looks at the flag.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the peer panicked");
        }
    }
}
