//! No ring at all: a one-shot notification, then `recvmmsg` of 64 until there is no full batch.
//!
//! ```text
//!   epoll_wait ──► recvmmsg ──► handle ──► recvmmsg ──► handle ──► ... ──► epoll_ctl (re-arm)
//!                  └──────────── one thread, the others sleep ──────────┘
//! ```

use std::net::UdpSocket;

use nix::sys::epoll::{EpollEvent, EpollFlags};
use ringport_stand::batch::{BATCH, Batch};
use ringport_stand::part::consume;

use crate::Failure;
use crate::receive::crew;
use crate::receive::port::{notified, watching};

pub(crate) fn run(socket: UdpSocket, threads: usize) -> Result<(), Failure> {
    let flags = EpollFlags::EPOLLIN | EpollFlags::EPOLLONESHOT;
    let epoll = watching(&socket, flags)?;
    crew(&socket, threads, |thread| {
        let mut batch = Batch::new();
        loop {
            notified(&epoll)?;
            let mut full = true;
            while full {
                full = batch.receive(&socket)? == BATCH;
                batch.each(|payload, peer| consume(thread, payload, peer));
            }
            epoll.modify(&socket, &mut EpollEvent::new(flags, 0))?;
        }
    })
}
