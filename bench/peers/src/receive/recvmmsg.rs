//! epoll and `recvmmsg`, written by hand: what a careful program does without any library.

use std::net::UdpSocket;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use ringport_stand::batch::{BATCH, Batch};
use ringport_stand::part::{consume, ready};

use crate::Failure;

pub(super) fn run(socket: &UdpSocket) -> Result<(), Failure> {
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    epoll.add(socket, EpollEvent::new(EpollFlags::EPOLLIN, 0))?;
    let mut events = [EpollEvent::empty()];
    let mut batch = Batch::new();
    ready(socket.local_addr()?)?;
    loop {
        match epoll.wait(&mut events, EpollTimeout::NONE) {
            Ok(_) | Err(Errno::EINTR) => loop {
                let count = batch.receive(socket)?;
                batch.each(|payload, peer| consume(0, payload, peer));
                if count < BATCH {
                    break;
                }
            },
            Err(error) => return Err(error.into()),
        }
    }
}
