//! `port-batched` by hand: a one-shot notification, then one `recvmmsg` of up to 64, then the next thread's turn.

use std::net::UdpSocket;

use nix::sys::epoll::{EpollEvent, EpollFlags};
use ringport_stand::batch::Batch;
use ringport_stand::part::consume;

use super::crew;
use super::port::{notified, watching};
use crate::Failure;

pub(crate) fn run(socket: UdpSocket, threads: usize) -> Result<(), Failure> {
    let flags = EpollFlags::EPOLLIN | EpollFlags::EPOLLONESHOT;
    let epoll = watching(&socket, flags)?;
    crew(&socket, threads, |thread| {
        let mut batch = Batch::new();
        loop {
            notified(&epoll)?;
            batch.receive(&socket)?;
            // Before the datagrams are handled, so that another thread can take the next ones meanwhile.
            epoll.modify(&socket, &mut EpollEvent::new(flags, 0))?;
            batch.each(|payload, peer| consume(thread, payload, peer));
        }
    })
}
