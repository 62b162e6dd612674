//! A port of a stated backend, what it delivers, and buffers.

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};

use ringport::port::{Done, OperationFailure, PortTcpStream, PortWaitError};
use ringport::{BackendChoice, BufferPool, CompletionPort, Lock, Packet, UdpSocket};

use crate::common::PATIENCE;
use crate::common::system::file_for_a_port;

pub(crate) fn port(choice: BackendChoice) -> CompletionPort {
    CompletionPort::builder().concurrency(2).backend(choice).build().unwrap()
}

/// Slices of 256 bytes.
pub(crate) fn pool() -> BufferPool {
    let builder = BufferPool::builder().slice_size(256).slices_per_region(64).regions(1..=1);
    builder.lock(Lock::Off).build().unwrap()
}

pub(crate) fn socket() -> UdpSocket {
    UdpSocket::bind("127.0.0.1:0").unwrap()
}

/// The next packet, which is an operation's.
pub(crate) fn next(port: &CompletionPort) -> Done {
    match port.wait(Some(PATIENCE)).unwrap() {
        Packet::Operation(done) => done,
        other => panic!("an operation was expected: {other:?}"),
    }
}

/// So many packets, in the order of their contexts.
pub(crate) fn sorted(port: &CompletionPort, count: usize) -> Vec<Done> {
    let mut done: Vec<_> = (0..count).map(|_| next(port)).collect();
    done.sort_by_key(Done::context);
    done
}

/// Nothing is queued, and nothing comes that a look would find.
pub(crate) fn nothing(port: &CompletionPort) {
    let result = port.wait(Some(std::time::Duration::from_micros(200)));
    assert!(matches!(result, Err(PortWaitError::TimedOut)), "{result:?}");
}

/// Has the first receive of a socket done, which comes back under this context, so that the system works on the next
/// of them from here on.
pub(crate) fn first_is_done(port: &CompletionPort, socket: &UdpSocket, context: u64) {
    socket.to_std().unwrap().send_to(b"first", socket.local_addr().unwrap()).unwrap();
    let done = next(port);
    assert_eq!((done.context(), done.received()), (context, &b"first"[..]));
}

/// The system's error of an operation that failed.
pub(crate) fn error(done: &Done) -> Option<i32> {
    match done.result() {
        Err(OperationFailure::Failed(error)) => error.raw_os_error(),
        _ => None,
    }
}

pub(crate) fn is_aborted(done: &Done) -> bool {
    matches!(done.result(), Err(OperationFailure::Aborted))
}

pub(crate) fn is_end(done: &Done) -> bool {
    matches!(done.result(), Err(OperationFailure::EndOfFile))
}

/// A file with these bytes, to read and write, that is gone when it is closed.
pub(crate) fn file(bytes: &[u8]) -> File {
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let name = format!("ringport-test-{}-{number}", std::process::id());
    let path = std::env::temp_dir().join(name);
    file_for_a_port(&path, bytes)
}

static FILES: AtomicU32 = AtomicU32::new(0);

/// Both ends of a connection, the second associated with the port under the key 9.
pub(crate) fn connection(port: &CompletionPort) -> (TcpStream, PortTcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    (client, port.associate_stream(server, 9).unwrap())
}
