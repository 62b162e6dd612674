//! epoll, `recvmmsg` and `sendmmsg`, written by hand: what a careful program does without any library.
//!
//! ```text
//!   Plain      epoll_wait ──► recvmmsg of 64, until a batch is not full ──┐
//!   Offload    the same with GRO; a reply a peer, cut by the kernel       │
//!   Balanced   as Plain, and then ──► sleep as the rule says ──► recvmmsg ┘ epoll_wait only if that brought nothing
//! ```

use std::net::UdpSocket;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::prctl::set_timerslack;
use ringport_stand::Failure;
use ringport_stand::batch::{BATCH, Batch};
use ringport_stand::replies::Replies;

use super::trial::Rule;
use crate::load::{Load, Work};
use crate::peer::{Maker, Peer};
use crate::receiver::see;

/// Nanoseconds that the system may let a sleep take longer.
const SLACK: u64 = 1_000;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Recvmmsg {
    Plain,
    Offload,
    Balanced,
    Throughput,
}

impl Peer for Recvmmsg {
    fn name(&self) -> &'static str {
        match self {
            Recvmmsg::Plain => "hand-recvmmsg",
            Recvmmsg::Offload => "hand-recvmmsg-offload",
            Recvmmsg::Balanced => "hand-recvmmsg-balanced",
            Recvmmsg::Throughput => "hand-recvmmsg-throughput",
        }
    }

    fn how(&self) -> &'static str {
        match self {
            Recvmmsg::Plain => "epoll, recvmmsg, sendmmsg",
            Recvmmsg::Offload => "epoll, recvmmsg with GRO, sendmmsg with GSO",
            Recvmmsg::Balanced => "epoll, recvmmsg, sendmmsg, and the library's waiting rule",
            Recvmmsg::Throughput => "the same with its rule for throughput, 100 us at most",
        }
    }

    fn maker(&self) -> Maker {
        Maker::Hand
    }

    fn meets(&self, load: Load) -> bool {
        match self {
            Recvmmsg::Throughput => matches!(load, Load::Paced { .. }),
            Recvmmsg::Plain | Recvmmsg::Offload | Recvmmsg::Balanced => load.work() != Work::Streams,
        }
    }

    fn receive(&self, socket: UdpSocket) -> Result<(), Failure> {
        self.serve(&socket, |batch| {
            batch.each(see);
            Ok(())
        })
    }

    fn echo(&self, socket: UdpSocket) -> Result<(), Failure> {
        let mut replies = Replies::new(*self == Recvmmsg::Offload);
        self.serve(&socket, |batch| Ok(replies.to(batch.runs()).send(&socket)?))
    }
}

impl Recvmmsg {
    fn serve(
        self,
        socket: &UdpSocket,
        mut take: impl FnMut(&Batch) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        epoll.add(socket, EpollEvent::new(EpollFlags::EPOLLIN, 0))?;
        let mut events = [EpollEvent::empty()];
        let mut batch = if self == Recvmmsg::Offload { Batch::with_offload(socket)? } else { Batch::new() };
        let mut rule = match self {
            Recvmmsg::Plain | Recvmmsg::Offload => None,
            Recvmmsg::Balanced => Some(Rule::balanced()),
            Recvmmsg::Throughput => Some(Rule::throughput()),
        };
        set_timerslack(SLACK)?;
        loop {
            match epoll.wait(&mut events, EpollTimeout::NONE) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
            loop {
                let mut received = 0;
                loop {
                    let count = batch.receive(socket)?;
                    take(&batch)?;
                    received += count;
                    if count < BATCH {
                        break;
                    }
                }
                if received == 0 {
                    break;
                }
                let wait = rule.as_mut().map(|rule| rule.next(received as u64)).unwrap_or_default();
                if wait.is_zero() {
                    break;
                }
                std::thread::sleep(wait);
            }
        }
    }
}
