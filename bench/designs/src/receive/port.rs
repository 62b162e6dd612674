//! `port` by hand: threads wait on epoll, and each notification is worth one datagram.
//!
//! ```text
//!   one shot     epoll_wait ──► recvfrom ──► epoll_ctl (re-arm) ──► handle      one thread at a time has the right
//!   level        epoll_wait ──► recvfrom ──► handle       the next thread is woken while there is more, or was
//!   exclusive    as level, with an epoll a thread: a datagram wakes one or a few of them
//!   edge         as level, told once a datagram that comes: two that come at once are told as one
//! ```
//!
//! Edge-triggered is the fastest and no server: what was told as one leaves a datagram behind, which nobody is told of
//! before the next one comes. Taking datagrams until there are none would cure it, and is another design.

use std::io;
use std::net::UdpSocket;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use ringport_stand::part::{SLICE, consume};

use super::crew;
use crate::Failure;

/// `EPOLLONESHOT`: armed again after each datagram.
pub(crate) fn one_shot(socket: UdpSocket, threads: usize) -> Result<(), Failure> {
    let flags = EpollFlags::EPOLLIN | EpollFlags::EPOLLONESHOT;
    shared(socket, threads, flags, |epoll, socket| epoll.modify(socket, &mut EpollEvent::new(flags, 0)))
}

/// Level-triggered, as it comes.
pub(crate) fn level(socket: UdpSocket, threads: usize) -> Result<(), Failure> {
    shared(socket, threads, EpollFlags::EPOLLIN, |_, _| Ok(()))
}

/// `EPOLLET`, one datagram an edge all the same.
pub(crate) fn edge(socket: UdpSocket, threads: usize) -> Result<(), Failure> {
    shared(socket, threads, EpollFlags::EPOLLIN | EpollFlags::EPOLLET, |_, _| Ok(()))
}

/// `EPOLLEXCLUSIVE`, which only says something where several epolls watch one socket.
pub(crate) fn exclusive(socket: UdpSocket, threads: usize) -> Result<(), Failure> {
    socket.set_nonblocking(true)?;
    crew(&socket, threads, |thread| {
        let epoll = watching(&socket, EpollFlags::EPOLLIN | EpollFlags::EPOLLEXCLUSIVE)?;
        one_by_one(thread, &epoll, &socket, |_, _| Ok(()))
    })
}

/// All threads on one epoll.
fn shared(
    socket: UdpSocket,
    threads: usize,
    flags: EpollFlags,
    again: impl Fn(&Epoll, &UdpSocket) -> nix::Result<()> + Sync,
) -> Result<(), Failure> {
    socket.set_nonblocking(true)?;
    let epoll = watching(&socket, flags)?;
    crew(&socket, threads, |thread| one_by_one(thread, &epoll, &socket, &again))
}

/// An epoll that watches the socket.
pub(crate) fn watching(socket: &UdpSocket, flags: EpollFlags) -> Result<Epoll, Failure> {
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    epoll.add(socket, EpollEvent::new(flags, 0))?;
    Ok(epoll)
}

/// Sleeps until the socket has something.
pub(crate) fn notified(epoll: &Epoll) -> Result<(), Failure> {
    loop {
        match epoll.wait(&mut [EpollEvent::empty()], EpollTimeout::NONE) {
            Ok(0) | Err(Errno::EINTR) => {}
            Ok(_) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

fn one_by_one(
    thread: usize,
    epoll: &Epoll,
    socket: &UdpSocket,
    again: impl Fn(&Epoll, &UdpSocket) -> nix::Result<()>,
) -> Result<(), Failure> {
    let mut buffer = vec![0; SLICE];
    loop {
        notified(epoll)?;
        let received = socket.recv_from(&mut buffer);
        // Before the datagram is handled, so that another thread can take the next one meanwhile.
        again(epoll, socket)?;
        match received {
            Ok((bytes, peer)) => consume(thread, buffer.get(..bytes).unwrap_or_default(), peer),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
    }
}
