//! The sender process: one thread, one socket a load, one call a datagram.

use std::io::{self, BufRead, stdin};
use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};

use ringport_stand::process::pin;

use crate::Failure;
use crate::load::{Load, Order, PAYLOAD, Sent};

/// An answer that takes longer is lost.
const LOST: Duration = Duration::from_millis(200);
/// Datagrams of a flood between looks at the clock.
const STRIDE: u64 = 32;

/// Does as it is told until nobody tells it any more.
pub(crate) fn run(processor: Option<usize>) -> Result<(), Failure> {
    pin(processor)?;
    for line in stdin().lock().lines() {
        let order: Order = serde_json::from_str(&line?)?;
        println!("{}", serde_json::to_string(&send(order)?)?);
    }
    Ok(())
}

fn send(order: Order) -> io::Result<Sent> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.connect((Ipv4Addr::LOCALHOST, order.port))?;
    let start = Instant::now();
    let end = start + Duration::from_millis(order.milliseconds);
    let (datagrams, answers) = match order.load {
        Load::Flood => (flood(&socket, end)?, 0),
        Load::Paced(rate) => (paced(&socket, start, end, rate)?, 0),
        Load::Echo => echo(&socket, end)?,
    };
    Ok(Sent { datagrams, answers, nanoseconds: start.elapsed().as_nanos() as u64 })
}

fn flood(socket: &UdpSocket, end: Instant) -> io::Result<u64> {
    let mut datagrams = 0;
    while Instant::now() < end {
        for _ in 0..STRIDE {
            socket.send(&[0; PAYLOAD])?;
        }
        datagrams += STRIDE;
    }
    Ok(datagrams)
}

/// The schedule is absolute: a sender that was held up catches up. It spins, as no sleep is exact enough.
fn paced(socket: &UdpSocket, start: Instant, end: Instant, rate: u64) -> io::Result<u64> {
    let mut datagrams = 0;
    loop {
        let due = start + Duration::from_nanos(datagrams * 1_000_000_000 / rate);
        if due >= end {
            return Ok(datagrams);
        }
        while Instant::now() < due {
            std::hint::spin_loop();
        }
        socket.send(&[0; PAYLOAD])?;
        datagrams += 1;
    }
}

fn echo(socket: &UdpSocket, end: Instant) -> io::Result<(u64, u64)> {
    socket.set_read_timeout(Some(LOST))?;
    let (mut requests, mut answers) = (0, 0);
    let mut buffer = [0; PAYLOAD];
    while Instant::now() < end {
        socket.send(&[0; PAYLOAD])?;
        requests += 1;
        match socket.recv(&mut buffer) {
            Ok(_) => answers += 1,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok((requests, answers))
}
