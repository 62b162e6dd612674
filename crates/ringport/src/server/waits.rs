//! Ending the waits of blocking threads, where the system ends only those that have begun.
//!
//! ```text
//!   a thread:   handles | waits ......... | looks: the server stops, and the socket is empty; it ends
//!   this one:   ends ─► (too early)   ends ─►
//! ```
//!
//! A thread that handles a datagram at the moment of the stop begins its next wait later. So they are ended again and
//! again until all threads have left.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::shared::Shared;
use super::sockets::Sockets;
use super::stop::Alarm;
use crate::backend::sys::blocking;
use crate::net::UdpSocket;

/// Between two times.
const PAUSE: Duration = Duration::from_millis(10);

/// The thread that does it. It sleeps until the server stops, and ends when this is dropped.
pub(super) struct Ender {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Ender {
    /// Begins one for a server whose threads block, where that is needed.
    pub(super) fn begin(
        sockets: &Arc<Sockets>,
        shared: &Arc<Shared>,
        name: &str,
    ) -> io::Result<Option<Ender>> {
        if blocking::STAYS_ENDED {
            return Ok(None);
        }
        let over = Arc::new(AtomicBool::new(false));
        let (sockets, server, is_over) = (Arc::clone(sockets), Arc::clone(shared), Arc::clone(&over));
        let end = move || {
            while !is_over.load(Ordering::Acquire) {
                if server.stopping().asked() {
                    sockets.each(UdpSocket::end_receives);
                    thread::park_timeout(PAUSE);
                } else {
                    thread::park();
                }
            }
        };
        let thread = thread::Builder::new().name(format!("{name}-stop")).spawn(end)?;
        shared.stopping().wake_by(Alarm::Parked(thread.thread().clone()));
        // A stop that was asked for before the alarm was set is found by a look.
        thread.thread().unpark();
        Ok(Some(Ender { over, thread: Some(thread) }))
    }
}

impl Drop for Ender {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It cannot panic: it only ends waits.
            let _ = thread.join();
        }
    }
}
