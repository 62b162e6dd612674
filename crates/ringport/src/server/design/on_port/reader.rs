//! The reader: a thread that does nothing but post receives, so that those that handle need not.
//!
//! ```text
//!   thread 0 ─► ┐
//!   thread 1 ─► ├─ feed: free slices ─► reader ─► posted as receives
//!   thread 2 ─► ┘                         └─ nothing there: it says so, looks once more, and sleeps
//! ```
//!
//! Many push and one pops, without a lock. Whoever finds the reader asleep wakes it; one does, however many push.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::thread::{self, JoinHandle, Thread};

use crate::memory::{self, BufferMut, Reader, Ring};
use crate::queue::PortRequestQueue;

/// A free slice, and the socket that it is to receive on.
type Free = (u32, BufferMut);

/// What the reader and those that feed it share.
struct Feed {
    slices: Arc<Ring<Free>>,
    /// The reader sleeps, or is about to: whoever takes this flag away wakes it.
    asleep: AtomicBool,
    ended: AtomicBool,
}

/// The reader, seen from the threads that handle. Dropping it ends the thread.
pub(super) struct Poster {
    feed: Arc<Feed>,
    thread: Thread,
    handle: Option<JoinHandle<()>>,
}

impl Poster {
    /// Starts the reader. No more than `slices` are ever free at a time.
    pub(super) fn start(sockets: &Arc<Vec<PortRequestQueue>>, slices: usize) -> io::Result<Poster> {
        let (ring, reader) = memory::ring(slices);
        let feed =
            Arc::new(Feed { slices: ring, asleep: AtomicBool::new(false), ended: AtomicBool::new(false) });
        let (shared, sockets) = (Arc::clone(&feed), Arc::clone(sockets));
        let work = move || shared.post_until_ended(reader, &sockets);
        let handle = thread::Builder::new().name("ringport-reader".to_owned()).spawn(work)?;
        Ok(Poster { feed, thread: handle.thread().clone(), handle: Some(handle) })
    }

    /// Hands over the free slices of a socket; those that there is no room for stay.
    #[inline]
    pub(super) fn feed(&self, socket: u32, free: &mut Vec<BufferMut>) {
        if free.is_empty() {
            return;
        }
        while let Some(buffer) = free.pop() {
            if let Err((_, buffer)) = self.feed.slices.push((socket, buffer)) {
                free.push(buffer);
                break;
            }
        }
        // The reader says that it sleeps before it looks a last time: one of the two sees the other.
        fence(Ordering::SeqCst);
        if self.feed.asleep.load(Ordering::Relaxed) && self.feed.asleep.swap(false, Ordering::Relaxed) {
            self.thread.unpark();
        }
    }
}

impl Feed {
    fn post_until_ended(&self, mut slices: Reader<Free>, sockets: &[PortRequestQueue]) {
        while !self.ended.load(Ordering::Acquire) {
            while let Some((socket, buffer)) = slices.pop() {
                if let Some(requests) = sockets.get(socket as usize) {
                    // Refused only by a queue that is closed; then the slice goes to its pool.
                    let _ = requests.receive_from(buffer, 0);
                }
            }
            self.asleep.store(true, Ordering::Relaxed);
            fence(Ordering::SeqCst);
            if !slices.has_more() && !self.ended.load(Ordering::Acquire) {
                thread::park();
            }
            self.asleep.store(false, Ordering::Relaxed);
        }
    }
}

impl Drop for Poster {
    fn drop(&mut self) {
        self.feed.ended.store(true, Ordering::Release);
        fence(Ordering::SeqCst);
        self.thread.unpark();
        if let Some(handle) = self.handle.take() {
            // It runs nobody else's code, so it does not panic; if it did, nothing is left to be done about it.
            let _ = handle.join();
        }
    }
}
