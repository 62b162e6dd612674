//! The sender process: one thread, which does as the driver says.

mod client;
mod echo;
mod flood;
mod paced;

use std::io::{BufRead, stdin};
use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};

use ringport_stand::Failure;
use ringport_stand::process::pin;

use crate::load::{BYTES, Load, Way};
use crate::order::{FILL, Order, Sent};

/// Datagrams of one segmented send, at most: what kernels of all versions allow.
pub(crate) const SEGMENTS: usize = 64;

/// Does as it is told until nobody tells it any more.
pub(crate) fn run(processor: Option<usize>) -> Result<(), Failure> {
    pin(processor)?;
    for line in stdin().lock().lines() {
        let order: Order = serde_json::from_str(&line?)?;
        println!("{}", serde_json::to_string(&obey(order)?)?);
    }
    Ok(())
}

fn obey(order: Order) -> Result<Sent, Failure> {
    let start = Instant::now();
    let end = start + Duration::from_millis(order.milliseconds);
    let datagrams = match order.load {
        Load::Flood { way: Way::Plain, bytes } => flood::plain(&connected(order.port)?, bytes, end)?,
        Load::Flood { way: Way::Offload, bytes } => flood::segmented(&connected(order.port)?, bytes, end)?,
        Load::Paced { rate } => paced::run(&connected(order.port)?, start, end, rate)?,
        Load::Drain => fill(&connected(order.port)?)?,
        Load::Echo { way, outstanding, sockets } => {
            return echo::run(order.port, way, outstanding, sockets, end);
        }
        Load::Streams { .. } => return Err("the clients of streams are another process".into()),
    };
    Ok(Sent { datagrams, nanoseconds: start.elapsed().as_nanos() as u64, ..Sent::default() })
}

fn connected(port: u16) -> Result<UdpSocket, Failure> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.connect((Ipv4Addr::LOCALHOST, port))?;
    Ok(socket)
}

/// Sends what a socket has room for.
fn fill(socket: &UdpSocket) -> Result<u64, Failure> {
    for _ in 0..FILL {
        socket.send(&[0; BYTES])?;
    }
    Ok(FILL)
}
