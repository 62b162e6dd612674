//! A thread that sends to an address without waiting for anything.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// Runs until it is dropped.
pub(crate) struct Flood {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Flood {
    /// Sends from `client` to `address`.
    pub(crate) fn new(client: &UdpSocket, address: SocketAddr) -> Flood {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, client) = (Arc::clone(&stop), client.try_clone().unwrap());
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                client.send_to(b"flood", address).unwrap();
            }
        });
        Flood { stop, thread: Some(thread) }
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}
