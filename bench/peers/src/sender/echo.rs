//! Requests in a closed loop: a new one leaves when an answer is there, after all answers that came with it.

use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use ringport_stand::Failure;
use ringport_stand::batch::Batch;

use super::client::Client;
use crate::load::Way;
use crate::order::Sent;
use crate::stamp::Delays;

/// After so many milliseconds without any answer those that are missing are lost.
const LOST: u16 = 200;
const EVENTS: usize = 64;

pub(super) fn run(
    port: u16,
    way: Way,
    outstanding: usize,
    sockets: usize,
    end: Instant,
) -> Result<Sent, Failure> {
    let each = (outstanding / sockets).max(1);
    let clients = (0..sockets).map(|_| Client::connect(port, way, each));
    let mut clients = clients.collect::<Result<Vec<_>, _>>()?;
    let mut answers = Answers::new(&clients, way)?;
    let mut round_trips = Delays::new().ok_or("no histogram")?;
    let start = Instant::now();
    let (mut datagrams, mut last) = (0, start);
    for client in &mut clients {
        datagrams += client.ask()?;
    }
    loop {
        let came = answers.next(&mut clients, &mut round_trips)?;
        let now = Instant::now();
        if came {
            last = now;
        } else {
            clients.iter_mut().for_each(Client::give_up);
        }
        if now >= end {
            if clients.iter().all(|client| client.outstanding() == 0) {
                break;
            }
            continue;
        }
        for client in &mut clients {
            datagrams += client.ask()?;
        }
    }
    Ok(Sent {
        datagrams,
        answers: clients.iter().map(|client| client.answers).sum(),
        nanoseconds: (last - start).as_nanos() as u64,
        round_trips: Some(round_trips.percentiles()),
    })
}

/// Where answers come from: asleep in the one socket, or in epoll for several.
struct Answers {
    batch: Batch,
    epoll: Option<Epoll>,
    events: [EpollEvent; EVENTS],
}

impl Answers {
    fn new(clients: &[Client], way: Way) -> Result<Answers, Failure> {
        let epoll = match clients {
            [only] => {
                only.socket.set_read_timeout(Some(Duration::from_millis(LOST.into())))?;
                None
            }
            several => {
                let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
                for (number, client) in several.iter().enumerate() {
                    epoll.add(&client.socket, EpollEvent::new(EpollFlags::EPOLLIN, number as u64))?;
                }
                Some(epoll)
            }
        };
        let batch = match clients {
            [only] if way == Way::Offload => Batch::with_offload(&only.socket)?,
            _ => Batch::new(),
        };
        Ok(Answers { batch, epoll, events: [EpollEvent::empty(); EVENTS] })
    }

    /// Waits for answers and takes those that are there; `false` if none came for long.
    fn next(&mut self, clients: &mut [Client], round_trips: &mut Delays) -> Result<bool, Failure> {
        let Some(epoll) = &self.epoll else {
            let Some(client) = clients.first_mut() else { return Ok(false) };
            let came = self.batch.wait(&client.socket)? > 0;
            client.take(&self.batch, round_trips)?;
            return Ok(came);
        };
        let ready = match epoll.wait(&mut self.events, EpollTimeout::from(LOST)) {
            Err(Errno::EINTR) => return Ok(true),
            ready => ready?,
        };
        for event in self.events.iter().take(ready) {
            let client = clients.get_mut(event.data() as usize).ok_or("no such socket")?;
            self.batch.receive(&client.socket)?;
            client.take(&self.batch, round_trips)?;
        }
        Ok(ready > 0)
    }
}
