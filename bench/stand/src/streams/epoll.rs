//! One thread on epoll, by hand.
//!
//! ```text
//!   level   wait ──► recv ──► send                                  the next wait tells what is left
//!   edge    wait ──► recv ──► send, again until one is not filled   nobody tells twice
//! ```

use std::io::{self, Read};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

use super::{ROOM, send_all};
use crate::Failure;

/// Notifications taken at once.
const EVENTS: usize = 512;

/// Level-triggered.
pub fn level(listener: TcpListener) -> Result<(), Failure> {
    serve(listener, EpollFlags::EPOLLIN)
}

/// Edge-triggered.
pub fn edge(listener: TcpListener) -> Result<(), Failure> {
    serve(listener, EpollFlags::EPOLLIN | EpollFlags::EPOLLRDHUP | EpollFlags::EPOLLET)
}

fn serve(listener: TcpListener, flags: EpollFlags) -> Result<(), Failure> {
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    listener.set_nonblocking(true)?;
    let door = listener.as_raw_fd() as usize;
    epoll.add(&listener, EpollEvent::new(EpollFlags::EPOLLIN, door as u64))?;
    // By descriptor: the system keeps those small.
    let mut streams: Vec<Option<TcpStream>> = Vec::new();
    let mut events = [EpollEvent::empty(); EVENTS];
    let mut room = vec![0; ROOM];
    loop {
        let ready = match epoll.wait(&mut events, EpollTimeout::NONE) {
            Err(Errno::EINTR) => continue,
            ready => ready?,
        };
        for event in events.iter().take(ready) {
            let descriptor = event.data() as usize;
            if descriptor == door {
                accept(&listener, &epoll, flags, &mut streams)?;
            } else if let Some(place) = streams.get_mut(descriptor)
                && let Some(stream) = place
                && !echo(stream, &mut room, flags, event.events())
            {
                *place = None;
            }
        }
    }
}

fn accept(
    listener: &TcpListener,
    epoll: &Epoll,
    flags: EpollFlags,
    streams: &mut Vec<Option<TcpStream>>,
) -> Result<(), Failure> {
    loop {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        let descriptor = stream.as_raw_fd() as usize;
        if streams.len() <= descriptor {
            streams.resize_with(descriptor + 1, || None);
        }
        epoll.add(&stream, EpollEvent::new(flags, descriptor as u64))?;
        if let Some(place) = streams.get_mut(descriptor) {
            *place = Some(stream);
        }
    }
}

/// Sends back what is there; tells whether the connection is still open.
#[inline]
fn echo(stream: &mut TcpStream, room: &mut [u8], flags: EpollFlags, told: EpollFlags) -> bool {
    // An end that came with the last bytes is not told again.
    let to_the_end = told.contains(EpollFlags::EPOLLRDHUP);
    loop {
        let bytes = match stream.read(room) {
            Ok(0) => return false,
            Ok(bytes) => bytes,
            Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
        };
        if send_all(stream, room.get(..bytes).unwrap_or_default()).is_err() {
            return false;
        }
        let emptied = bytes < room.len() && !to_the_end;
        if emptied || !flags.contains(EpollFlags::EPOLLET) {
            return true;
        }
    }
}
