//! The answer to a command, written behind those before it.

use std::fmt;

use ringport::server::tcp::Connection;

use super::number::Decimal;

/// A reply of so many bytes is put together here, and handed on with one call.
const SMALL: usize = 256;
/// A marker, the longest number, `\r\n`.
const LONGEST_HEAD: usize = 1 + 20 + 2;

/// See the module. What leaves for one command is at most what was reserved for it: those who may have more to say
/// ask [`fits`](Reply::fits) before they begin.
pub(crate) struct Reply<'call, 'connection> {
    connection: &'call mut Connection<'connection>,
    largest: usize,
}

impl<'call, 'connection> Reply<'call, 'connection> {
    pub(crate) fn new(connection: &'call mut Connection<'connection>, largest: usize) -> Self {
        Reply { connection, largest }
    }

    #[inline]
    fn send(&mut self, bytes: &[u8]) {
        if self.connection.send(bytes).is_err() {
            // Never so, for it fits. A part of a reply would be taken for another.
            self.connection.reset();
        }
    }

    /// `OK`, or whatever else there is but one word for.
    #[inline]
    pub(crate) fn line(&mut self, line: &'static [u8]) {
        self.send(line);
    }

    #[inline]
    pub(crate) fn ok(&mut self) {
        self.line(b"+OK\r\n");
    }

    #[inline]
    pub(crate) fn null(&mut self) {
        self.line(b"$-1\r\n");
    }

    /// A number.
    #[inline]
    pub(crate) fn integer(&mut self, number: i64) {
        self.head(b':', number);
    }

    /// A count.
    #[inline]
    pub(crate) fn count(&mut self, count: usize) {
        self.integer(as_number(count));
    }

    /// The head of an array: so many replies follow.
    pub(crate) fn array(&mut self, replies: usize) {
        self.head(b'*', as_number(replies));
    }

    /// Bytes.
    #[inline]
    pub(crate) fn bulk(&mut self, bytes: &[u8]) {
        let mut small = Small::new();
        small.head(b'$', as_number(bytes.len()));
        if bytes.len() <= SMALL - LONGEST_HEAD - 2 {
            small.put(bytes);
            small.put(b"\r\n");
            return self.send(small.as_bytes());
        }
        self.send(small.as_bytes());
        self.send(bytes);
        self.send(b"\r\n");
    }

    /// Bytes that [`bulk`](Reply::bulk) takes, at most.
    pub(crate) fn size_of_bulk(bytes: usize) -> usize {
        bytes + LONGEST_HEAD + 2
    }

    /// Whether a reply of so many bytes may be given. The client is told if not.
    pub(crate) fn fits(&mut self, bytes: usize) -> bool {
        let fits = bytes.saturating_add(LONGEST_HEAD) <= self.largest;
        if !fits {
            let largest = self.largest;
            self.error(format_args!(
                "ERR the reply has more than the {largest} bytes that are allowed: ask for less"
            ));
        }
        fits
    }

    /// A refusal, which begins with its kind: `ERR` as a rule. It allocates.
    #[cold]
    pub(crate) fn error(&mut self, error: impl fmt::Display) {
        let text = error.to_string();
        // What came from the client must not end the line early.
        let text = text.replace(['\r', '\n'], " ");
        self.send(format!("-{text}\r\n").as_bytes());
    }

    /// Ends the connection once all that was said has left.
    pub(crate) fn close(&mut self) {
        self.connection.close();
    }

    #[inline]
    fn head(&mut self, marker: u8, number: i64) {
        let mut small = Small::new();
        small.head(marker, number);
        self.send(small.as_bytes());
    }
}

/// Never more than fits: counts are of what lies in memory.
#[inline]
fn as_number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A reply in the making.
struct Small {
    bytes: [u8; SMALL],
    len: usize,
}

impl Small {
    #[inline]
    fn new() -> Small {
        Small { bytes: [0; SMALL], len: 0 }
    }

    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        if let Some(room) = self.bytes.get_mut(self.len..self.len + bytes.len()) {
            room.copy_from_slice(bytes);
            self.len += bytes.len();
        }
    }

    #[inline]
    fn head(&mut self, marker: u8, number: i64) {
        self.put(&[marker]);
        self.put(Decimal::new(number).as_bytes());
        self.put(b"\r\n");
    }

    #[inline]
    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }
}
