//! Which of many connections can be read or written: what `mio` makes of the system's own polling.

use std::io;
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Interest, Poll, Token};

/// A connection, which does not wait.
pub(crate) type Stream = TcpStream;

/// Makes one of a socket.
pub(crate) fn stream(socket: socket2::Socket) -> Stream {
    TcpStream::from_std(socket.into())
}

const WATCHED: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// Watches connections, each by a number.
pub(crate) struct Watch(Poll);

/// Room for what is told at once.
pub(crate) struct Events(mio::Events);

/// Something happened to the connection of this number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    pub(crate) number: usize,
    /// There is something to read, an end or an error among it; otherwise there is room to write and no more.
    pub(crate) readable: bool,
    /// A read that does not fill its buffer leaves nothing behind. Never here: more is told of only after a read that
    /// found nothing.
    pub(crate) short_is_last: bool,
}

impl Events {
    pub(crate) fn with_capacity(count: usize) -> Events {
        Events(mio::Events::with_capacity(count))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Event> {
        self.0.iter().map(|event| Event {
            number: event.token().0,
            readable: event.is_readable() || event.is_read_closed() || event.is_error(),
            short_is_last: false,
        })
    }
}

impl Watch {
    pub(crate) fn new() -> io::Result<Watch> {
        Ok(Watch(Poll::new()?))
    }

    /// Watches a connection from now on.
    pub(crate) fn add(&self, stream: &mut Stream, number: usize) -> io::Result<()> {
        self.0.registry().register(stream, Token(number), WATCHED)
    }

    /// Has what there is on a connection told again.
    pub(crate) fn tell_again(&self, stream: &mut Stream, number: usize) -> io::Result<()> {
        self.0.registry().reregister(stream, Token(number), WATCHED)
    }

    /// Takes what there is to tell, waiting at most so many nanoseconds for something, in whole milliseconds.
    pub(crate) fn wait(&mut self, events: &mut Events, nanoseconds: u64) -> io::Result<()> {
        match self.0.poll(&mut events.0, Some(Duration::from_millis(nanoseconds / 1_000_000))) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            polled => polled,
        }
    }
}
