//! The TCP echo server that anybody writes first: blocking reads and writes of the standard library, a thread for each
//! connection. It is what the designs of the library have to beat, so it is made as well as its kind can be.
//!
//! ```text
//!   accepting thread:   accept -> start a thread -> accept ...
//!   thread of one:      read -> handler sees it -> write it back -> read ...
//!   stop:               shut down the listener and every stream, so that every wait ends
//! ```

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::{Builder, JoinHandle};

use crate::failure::Failure;
use crate::sys::listener;

/// Bytes read at once.
const CHUNK: usize = 64 << 10;
/// A thread holds its buffer on the heap, so that a small stack does for many of them.
const STACK: usize = 128 << 10;

/// A server that runs.
pub(crate) struct ThreadEach {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

/// Ends a server, from any thread.
#[derive(Clone)]
pub(crate) struct Stop(Arc<Shared>);

struct Shared {
    listener: TcpListener,
    streams: Mutex<Vec<Weak<TcpStream>>>,
    stopping: AtomicBool,
}

impl ThreadEach {
    /// Listens at `address` and serves; each connection gets a handler of its own, which sees what comes.
    pub(crate) fn start<H>(
        address: impl ToSocketAddrs + std::fmt::Debug,
        handler_of_connection: impl Fn() -> H + Send + 'static,
    ) -> Result<ThreadEach, Failure>
    where
        H: FnMut(&[u8]) + Send + 'static,
    {
        let failed = |error| Failure::failed(format!("could not listen at tcp {address:?}: {error}"));
        let listener = TcpListener::bind(&address).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let shared =
            Arc::new(Shared { listener, streams: Mutex::new(Vec::new()), stopping: AtomicBool::new(false) });
        let server = Arc::clone(&shared);
        let accepting = Builder::new()
            .name("accept".into())
            .spawn(move || server.accept(handler_of_connection))
            .map_err(|error| Failure::failed(format!("could not start a thread: {error}")))?;
        Ok(ThreadEach { address, shared, accepting })
    }

    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn stopper(&self) -> Stop {
        Stop(Arc::clone(&self.shared))
    }

    /// Waits until it was stopped and every connection has ended.
    pub(crate) fn join(self) {
        // A handler that panics takes its own connection with it and nothing else.
        let _ = self.accepting.join();
    }
}

impl Stop {
    /// Ends the accepting and every connection: what was read is still answered.
    pub(crate) fn stop(&self) {
        self.0.stopping.store(true, Ordering::SeqCst);
        listener::end_accepts(&self.0.listener);
        for stream in self.0.streams().drain(..).filter_map(|stream| stream.upgrade()) {
            let _ = stream.shutdown(Shutdown::Read);
        }
    }
}

impl Shared {
    fn accept<H>(self: &Arc<Self>, handler_of_connection: impl Fn() -> H)
    where
        H: FnMut(&[u8]) + Send + 'static,
    {
        let mut threads = Vec::new();
        for stream in self.listener.incoming() {
            if self.stopping.load(Ordering::SeqCst) {
                break;
            }
            // Out of descriptors or threads: this one is turned away, and those that are there go on.
            let Ok(stream) = stream.map(Arc::new) else { continue };
            self.streams().push(Arc::downgrade(&stream));
            // Whoever stopped before the push has not seen it, and whoever stops after it will.
            if self.stopping.load(Ordering::SeqCst) {
                break;
            }
            let mut handler = handler_of_connection();
            let thread = Builder::new().name("connection".into()).stack_size(STACK);
            let server = Arc::clone(self);
            threads.extend(thread.spawn(move || serve(&stream, &server.stopping, &mut handler)).ok());
        }
        for thread in threads {
            let _ = thread.join();
        }
    }

    fn streams(&self) -> std::sync::MutexGuard<'_, Vec<Weak<TcpStream>>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection, to its end or its first error.
fn serve(mut stream: &TcpStream, stopping: &AtomicBool, handler: &mut impl FnMut(&[u8])) {
    let _ = stream.set_nodelay(true);
    listener::look_up_at_times(stream);
    let mut chunk = vec![0; CHUNK];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => return,
            Ok(length) => {
                handler(&chunk[..length]);
                if stream.write_all(&chunk[..length]).is_err() {
                    return;
                }
            }
            Err(error) if is_pause(&error) && !stopping.load(Ordering::SeqCst) => {}
            Err(_) => return,
        }
    }
}

/// Whether a read ended before anything came, and may go on.
fn is_pause(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn every_connection_is_served_and_a_stop_ends_them_all() {
        let seen = Arc::new(AtomicUsize::new(0));
        let handlers = Arc::clone(&seen);
        let handler_of_connection = move || {
            let seen = Arc::clone(&handlers);
            move |bytes: &[u8]| _ = seen.fetch_add(bytes.len(), Ordering::Relaxed)
        };
        let server = ThreadEach::start("[::1]:0", handler_of_connection).unwrap();
        let mut clients: Vec<TcpStream> =
            (0..5).map(|_| TcpStream::connect(server.local_addr()).unwrap()).collect();
        for (client, byte) in clients.iter_mut().zip(1u8..) {
            client.write_all(&[byte; 100]).unwrap();
            let mut back = [0; 100];
            client.read_exact(&mut back).unwrap();
            assert_eq!(back, [byte; 100]);
        }
        server.stopper().stop();
        server.join();
        for client in &mut clients {
            assert_eq!(client.read(&mut [0; 1]).unwrap(), 0, "closed in order");
        }
        assert_eq!(seen.load(Ordering::Relaxed), 500);
    }
}
