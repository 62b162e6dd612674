//! The head of an answer, written straight into the slice that it is sent from.

use std::fmt;
use std::io::{self, Write};
use std::time::SystemTime;

use httpdate::HttpDate;

use super::request::LONGEST_TARGET;
use super::status::Status;

/// What a head can never be longer than, in bytes, the text of a refusal included: a redirection has a target in it.
pub(crate) const LONGEST_ANSWER: usize = LONGEST_TARGET + 1024;

/// An answer, but for the bytes of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer<'request> {
    pub(crate) status: Status,
    /// What the bytes are: of a file that is sent.
    pub(crate) content: Option<Content>,
    /// Where the file is instead: a target without its query, and the query.
    pub(crate) location: Option<(&'request str, &'request str)>,
    /// The text of a refusal is left out.
    pub(crate) head_only: bool,
    pub(crate) keep_alive: bool,
    pub(crate) now: SystemTime,
}

/// What is told of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Content {
    pub(crate) media: &'static str,
    pub(crate) modified: Option<SystemTime>,
    /// The first byte that is sent, and the one behind the last.
    pub(crate) bytes: (u64, u64),
    /// How many bytes the file has.
    pub(crate) length: u64,
}

impl Answer<'_> {
    /// Writes the head, and the text if it has one; returns how many bytes that is.
    pub(crate) fn write(&self, into: &mut [u8]) -> io::Result<usize> {
        let room = into.len();
        let mut rest = into;
        self.put(&mut rest)?;
        Ok(room - rest.len())
    }

    fn put(&self, out: &mut &mut [u8]) -> io::Result<()> {
        let Answer { status, keep_alive, now, .. } = *self;
        write!(out, "HTTP/1.1 {status}\r\nServer: ringport\r\nDate: {}\r\n", HttpDate::from(now))?;
        if let Some(content) = self.content {
            self.describe(&content, out)?;
        }
        if let Some((path, query)) = self.location {
            // Two slashes in front would name another host.
            write!(out, "Location: /{}/{query}\r\n", path.trim_start_matches('/'))?;
        }
        if status == Status::MethodNotAllowed {
            out.write_all(b"Allow: GET, HEAD\r\n")?;
        }
        // It is said in any case: clients of HTTP/1.0 expect the one, all others the other.
        out.write_all(if keep_alive { b"Connection: keep-alive\r\n" } else { b"Connection: close\r\n" })?;
        if !status.has_text() {
            return out.write_all(b"\r\n");
        }
        let text = Text(status);
        let mut length = Length(0);
        fmt::Write::write_fmt(&mut length, format_args!("{text}")).map_err(io::Error::other)?;
        write!(out, "Content-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\r\n", length.0)?;
        if self.head_only { Ok(()) } else { write!(out, "{text}") }
    }

    fn describe(&self, content: &Content, out: &mut &mut [u8]) -> io::Result<()> {
        let Content { media, modified, bytes: (start, end), length } = *content;
        if let Some(modified) = modified {
            // No file was changed after the answer that tells of it.
            write!(out, "Last-Modified: {}\r\n", HttpDate::from(modified.min(self.now)))?;
        }
        out.write_all(b"Accept-Ranges: bytes\r\n")?;
        match self.status {
            Status::RangeNotSatisfiable => return write!(out, "Content-Range: bytes */{length}\r\n"),
            Status::PartialContent => {
                write!(out, "Content-Range: bytes {start}-{}/{length}\r\n", end.saturating_sub(1))?;
            }
            Status::Ok => {}
            _ => return Ok(()),
        }
        write!(out, "Content-Type: {media}\r\nContent-Length: {}\r\n", end.saturating_sub(start))
    }
}

/// What a person reads.
struct Text(Status);

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.0)
    }
}

/// Counts what is written, for its length comes before it.
struct Length(usize);

impl fmt::Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
