//! What every receiver has in common: its socket, its count, and its ear for the driver.
//!
//! The driver asks on standard input, and a thread that sleeps otherwise answers. When the driver is gone the
//! input ends, and so does the process: none is ever left behind.

use std::io::{BufRead, stdin};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU64, Ordering};

use socket2::{Domain, Protocol, Socket, Type};

use crate::Failure;

/// Room for a datagram: what the library's servers give each.
pub(crate) const SLICE: usize = 2048;

/// Datagrams received by this process.
static RECEIVED: AtomicU64 = AtomicU64::new(0);

/// A socket as every candidate gets it.
pub(crate) fn socket(buffer: usize) -> Result<UdpSocket, Failure> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_recv_buffer_size(buffer)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    Ok(socket.into())
}

/// Looks at a datagram as a program would, and counts it. One thread receives, so nothing need be locked.
#[inline]
pub(crate) fn consume(payload: &[u8], peer: SocketAddr) {
    std::hint::black_box((payload.first(), payload.len(), peer.port()));
    RECEIVED.store(RECEIVED.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
}

/// Begins to listen to the driver, and tells it the port. To be called when datagrams may come.
pub(crate) fn ready(address: SocketAddr) -> Result<(), Failure> {
    std::thread::Builder::new().name("driver".into()).spawn(listen)?;
    println!("{}", address.port());
    Ok(())
}

/// Every line is the question how many datagrams came so far.
fn listen() {
    for line in stdin().lock().lines() {
        if line.is_err() {
            break;
        }
        println!("{}", RECEIVED.load(Ordering::Relaxed));
    }
    std::process::exit(0);
}
