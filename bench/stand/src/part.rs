//! What every receiver has in common: its socket, its counts, and its ear for the driver.
//!
//! The driver asks on standard input, and a thread that sleeps otherwise answers. When the driver is gone the
//! input ends, and so does the process: none is ever left behind.

use std::io::{BufRead, stdin};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU64, Ordering};

use socket2::{Domain, Protocol, SockRef, Socket, Type};

use crate::Failure;

/// Room for a datagram: what the library's servers give each.
pub const SLICE: usize = 2048;

/// Threads that can count.
pub const THREADS: usize = 64;

/// A count of one thread, on cache lines of its own.
#[repr(align(128))]
struct Count(AtomicU64);

/// Datagrams received by this process, thread by thread.
static RECEIVED: [Count; THREADS] = [const { Count(AtomicU64::new(0)) }; THREADS];

/// A socket as every candidate gets it.
pub fn socket(buffer: usize) -> Result<UdpSocket, Failure> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_recv_buffer_size(buffer)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    Ok(socket.into())
}

/// The receive buffer that the socket has; the system counts its own overhead in it.
pub fn granted(socket: &UdpSocket) -> Result<usize, Failure> {
    Ok(SockRef::from(socket).recv_buffer_size()?)
}

/// Looks at a datagram as a program would, and counts it. One thread uses a number, so nothing need be locked.
#[inline]
pub fn consume(thread: usize, payload: &[u8], peer: SocketAddr) {
    std::hint::black_box((payload.first(), payload.len(), peer.port()));
    if let Some(Count(count)) = RECEIVED.get(thread) {
        count.store(count.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }
}

/// Begins to listen to the driver, and tells it the port. To be called when datagrams may come. Every line of the
/// driver is the question how many datagrams came so far; the answer is a number a thread.
pub fn ready(address: SocketAddr) -> Result<(), Failure> {
    ready_to_tell(address, |_| counts())
}

/// The same for a process that answers something else.
pub fn ready_to_tell(
    address: SocketAddr,
    answer: impl Fn(&str) -> String + Send + 'static,
) -> Result<(), Failure> {
    std::thread::Builder::new().name("driver".into()).spawn(move || listen(answer))?;
    println!("{}", address.port());
    Ok(())
}

fn listen(answer: impl Fn(&str) -> String) {
    for line in stdin().lock().lines().map_while(Result::ok) {
        println!("{}", answer(&line));
    }
    std::process::exit(0);
}

/// The answer to that question.
pub fn counts() -> String {
    let counts = RECEIVED.each_ref().map(|Count(count)| count.load(Ordering::Relaxed));
    let last = counts.iter().rposition(|&count| count > 0).unwrap_or(0);
    counts.get(..=last).unwrap_or_default().iter().map(u64::to_string).collect::<Vec<_>>().join(" ")
}
