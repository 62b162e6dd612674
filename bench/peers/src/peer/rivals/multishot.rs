//! One io_uring ring with one multishot `recvmsg`, written by hand.
//!
//! ```text
//!   ring, of this thread alone (SINGLE_ISSUER | DEFER_TASKRUN)
//!     wait for one ──► all that is there ──► look, or send back out of the slices ──► slices back to the kernel
//! ```
//!
//! Replies are sent by `sendmmsg` out of the slices, a call a batch. Entries of the ring, submitted together, were measured
//! beside it and cost a little more each, since a send over UDP never waits.

use std::net::UdpSocket;

use io_uring::IoUring;
use ringport_stand::Failure;
use ringport_stand::control::ask_for_runs;
use ringport_stand::replies::Replies;
use ringport_stand::ring::Ring;
use ringport_stand::slices::{Arrived, Room, Slices};

use crate::load::{Load, Work};
use crate::peer::{Maker, Peer};
use crate::receiver::see;

/// Slices that the kernel chooses from.
const DATAGRAMS: u16 = 1024;
const RUNS: u16 = 32;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Multishot {
    Plain,
    Offload,
}

impl Peer for Multishot {
    fn name(&self) -> &'static str {
        match self {
            Multishot::Plain => "hand-multishot",
            Multishot::Offload => "hand-multishot-offload",
        }
    }

    fn how(&self) -> &'static str {
        match self {
            Multishot::Plain => "io_uring, one multishot recvmsg, sendmmsg",
            Multishot::Offload => "io_uring, one multishot recvmsg with GRO, sendmmsg with GSO",
        }
    }

    fn maker(&self) -> Maker {
        Maker::Hand
    }

    fn packages(&self) -> &'static [&'static str] {
        &["io-uring"]
    }

    fn meets(&self, load: Load) -> bool {
        load.work() != Work::Streams
    }

    fn obstacle(&self) -> Option<String> {
        super::without_io_uring()
    }

    fn receive(&self, socket: UdpSocket) -> Result<(), Failure> {
        self.serve(&socket, |slices, arrived| {
            for run in arrived.iter().filter_map(|one| slices.run(one)) {
                run.each(see);
            }
            Ok(())
        })
    }

    fn echo(&self, socket: UdpSocket) -> Result<(), Failure> {
        let mut replies = Replies::new(*self == Multishot::Offload);
        self.serve(&socket, |slices, arrived| {
            Ok(replies.to(arrived.iter().filter_map(|one| slices.run(one))).send(&socket)?)
        })
    }
}

impl Multishot {
    fn serve(
        self,
        socket: &UdpSocket,
        mut take: impl FnMut(&Slices, &[Arrived]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let (room, slices) = match self {
            Multishot::Plain => (Room::Datagram, DATAGRAMS),
            Multishot::Offload => (Room::Run, RUNS),
        };
        if room == Room::Run {
            ask_for_runs(socket)?;
        }
        let mut flags = IoUring::builder();
        flags.setup_single_issuer().setup_defer_taskrun();
        let mut ring = Ring::with_room(socket, slices, room, &mut flags)?;
        let slices = ring.slices();
        let mut arrived = Vec::with_capacity(usize::from(DATAGRAMS));
        let mut done = Vec::with_capacity(usize::from(DATAGRAMS));
        loop {
            if !ring.is_armed() {
                ring.arm()?;
            }
            ring.wait(1, None)?;
            ring.take(usize::MAX, &mut arrived);
            take(&slices, &arrived)?;
            done.extend(arrived.drain(..).map(|one| one.id));
            ring.give_back(&mut done);
        }
    }
}
