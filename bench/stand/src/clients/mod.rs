//! The load process: connections in a closed loop, one thread on epoll.
//!
//! ```text
//!   each connection   send ──► wait until the whole message is back ──► note how long ──► send ...
//! ```
//!
//! A slow answer delays only what its own connection sends next, so round trips are those of a client that waits. A byte
//! that comes back as another one ends the process.

mod order;

use std::io::{self, BufRead, Read, stdin};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
pub use order::{Done, Load, Order};

use crate::Failure;
use crate::process::pin;
use crate::streams::send_all;

/// Notifications taken at once.
const EVENTS: usize = 512;
/// A server that says nothing for so long, twice, is broken. Once it may have been stopped together with this process.
const SILENCE: u16 = 5_000;
/// Round trips that took longer are counted as this, in nanoseconds.
const LONGEST: u64 = 60_000_000_000;

/// Does as it is told until nobody tells it any more.
pub fn run(processor: Option<usize>) -> Result<(), Failure> {
    pin(processor)?;
    let mut clients = None;
    for line in stdin().lock().lines() {
        let done = match (serde_json::from_str(&line?)?, &mut clients) {
            (Order::Open { port, load }, open) => {
                *open = Some(Clients::connect(port, load)?);
                Done::default()
            }
            (Order::Run { milliseconds }, Some(clients)) => {
                clients.run(Duration::from_millis(milliseconds))?
            }
            (Order::Run { .. }, None) => return Err("there is no connection to send on".into()),
        };
        println!("{}", serde_json::to_string(&done)?);
    }
    Ok(())
}

struct Client {
    stream: TcpStream,
    /// Bytes of the message that are not back yet.
    missing: usize,
    sent: Instant,
}

struct Clients {
    epoll: Epoll,
    clients: Vec<Client>,
    message: Vec<u8>,
    room: Vec<u8>,
}

impl Clients {
    fn connect(port: u16, load: Load) -> Result<Clients, Failure> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let mut clients = Vec::with_capacity(load.connections);
        for number in 0..load.connections {
            let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            epoll.add(&stream, EpollEvent::new(EpollFlags::EPOLLIN, number as u64))?;
            clients.push(Client { stream, missing: 0, sent: Instant::now() });
        }
        // Bytes in another order would be seen.
        let message = (0..load.bytes).map(|place| (place % 251) as u8).collect();
        Ok(Clients { epoll, clients, message, room: vec![0; load.bytes] })
    }

    fn run(&mut self, time: Duration) -> Result<Done, Failure> {
        let mut round_trips = Histogram::<u64>::new_with_max(LONGEST, 3)?;
        let mut events = [EpollEvent::empty(); EVENTS];
        let start = Instant::now();
        let end = start + time;
        let (mut outstanding, mut silent) = (0, false);
        for client in &mut self.clients {
            client.send(&self.message, Instant::now())?;
            outstanding += 1;
        }
        while outstanding > 0 {
            let ready = match self.epoll.wait(&mut events, EpollTimeout::from(SILENCE)) {
                Ok(0) if silent => return Err(format!("{outstanding} answers did not come").into()),
                Ok(0) => {
                    silent = true;
                    continue;
                }
                Ok(ready) => ready,
                Err(Errno::EINTR) => continue,
                Err(error) => return Err(error.into()),
            };
            silent = false;
            for event in events.iter().take(ready) {
                let client = self.clients.get_mut(event.data() as usize).ok_or("no such connection")?;
                if !client.receive(&self.message, &mut self.room)? {
                    continue;
                }
                let now = Instant::now();
                round_trips.saturating_record((now - client.sent).as_nanos() as u64);
                if now < end {
                    client.send(&self.message, now)?;
                } else {
                    outstanding -= 1;
                }
            }
        }
        Ok(Done {
            messages: round_trips.len(),
            nanoseconds: start.elapsed().as_nanos() as u64,
            p50: round_trips.value_at_quantile(0.5),
            p99: round_trips.value_at_quantile(0.99),
            p999: round_trips.value_at_quantile(0.999),
        })
    }
}

impl Client {
    fn send(&mut self, message: &[u8], now: Instant) -> io::Result<()> {
        self.sent = now;
        self.missing = message.len();
        send_all(&mut self.stream, message)
    }

    /// Takes what is there; tells whether the message is whole.
    fn receive(&mut self, message: &[u8], room: &mut [u8]) -> Result<bool, Failure> {
        let rest = message.get(message.len() - self.missing..).unwrap_or_default();
        let room = room.get_mut(..self.missing).unwrap_or_default();
        match self.stream.read(room) {
            Ok(0) => Err("the server closed a connection".into()),
            Ok(bytes) if room.get(..bytes) != rest.get(..bytes) => Err("a message came back changed".into()),
            Ok(bytes) => {
                self.missing -= bytes;
                Ok(self.missing == 0)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_message_that_came_back_changed_is_told() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut clients = Clients::connect(port, Load { connections: 1, bytes: 300 }).unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut message = [0; 300];
            stream.read_exact(&mut message).unwrap();
            message.swap(100, 101);
            send_all(&mut stream, &message).unwrap();
        });
        let told = clients.run(Duration::from_millis(1)).unwrap_err();
        assert_eq!(told.to_string(), "a message came back changed");
        server.join().unwrap();
    }
}
