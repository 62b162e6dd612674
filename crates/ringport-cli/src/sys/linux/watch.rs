//! Which of many connections can be read or written: an epoll.

use std::io;
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};
use nix::sys::time::TimeSpec;

/// A connection, which does not wait.
pub(crate) type Stream = std::net::TcpStream;

/// Makes one of a socket.
pub(crate) fn stream(socket: socket2::Socket) -> Stream {
    socket.into()
}

/// What is told of a connection: once for each change, so that a busy one costs no call to be watched.
const WATCHED: EpollFlags =
    EpollFlags::EPOLLIN.union(EpollFlags::EPOLLOUT).union(EpollFlags::EPOLLRDHUP).union(EpollFlags::EPOLLET);

/// The other side will send nothing more.
const ENDED: EpollFlags = EpollFlags::EPOLLRDHUP.union(EpollFlags::EPOLLHUP).union(EpollFlags::EPOLLERR);

/// Watches connections, each by a number.
pub(crate) struct Watch(Epoll);

/// Room for what is told at once.
pub(crate) struct Events {
    events: Vec<EpollEvent>,
    count: usize,
}

/// Something happened to the connection of this number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    pub(crate) number: usize,
    /// There is something to read, an end or an error among it; otherwise there is room to write and no more.
    pub(crate) readable: bool,
    /// A read that does not fill its buffer leaves nothing behind: what comes after it is told of anew. Not so when the
    /// end has come already, for a read gives what came before it and does not say that it follows.
    pub(crate) short_is_last: bool,
}

impl Events {
    pub(crate) fn with_capacity(count: usize) -> Events {
        Events { events: vec![EpollEvent::empty(); count], count: 0 }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Event> {
        self.events.iter().take(self.count).map(|event| Event {
            number: event.data() as usize,
            readable: event.events().intersects(!EpollFlags::EPOLLOUT),
            short_is_last: !event.events().intersects(ENDED),
        })
    }
}

impl Watch {
    pub(crate) fn new() -> io::Result<Watch> {
        Ok(Watch(Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?))
    }

    /// Watches a connection from now on.
    pub(crate) fn add(&self, stream: &mut Stream, number: usize) -> io::Result<()> {
        Ok(self.0.add(stream.as_fd(), EpollEvent::new(WATCHED, number as u64))?)
    }

    /// Has what there is on a connection told again.
    pub(crate) fn tell_again(&self, stream: &mut Stream, number: usize) -> io::Result<()> {
        Ok(self.0.modify(stream.as_fd(), &mut EpollEvent::new(WATCHED, number as u64))?)
    }

    /// Takes what there is to tell, waiting at most so many nanoseconds for something.
    pub(crate) fn wait(&mut self, events: &mut Events, nanoseconds: u64) -> io::Result<()> {
        if nanoseconds > 0 {
            // An epoll is readable when it has something to tell, and ppoll knows nanoseconds, which epoll_wait does not.
            let left =
                TimeSpec::new((nanoseconds / 1_000_000_000) as i64, (nanoseconds % 1_000_000_000) as i64);
            let _ = ppoll(&mut [PollFd::new(self.0.0.as_fd(), PollFlags::POLLIN)], Some(left), None);
        }
        events.count = match self.0.wait(&mut events.events, 0u8) {
            Ok(count) => count,
            Err(Errno::EINTR) => 0,
            Err(error) => return Err(error.into()),
        };
        Ok(())
    }
}
