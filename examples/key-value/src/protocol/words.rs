//! A command cut into its words, without a copy of any.

use std::ops::Range;

use super::error::ProtocolError;
use super::head::Head;
use super::limits::Limits;

/// Where the words of a command are. It keeps its room from one command to the next.
pub(crate) type Cuts = Vec<Range<usize>>;

/// The words of one command; the first is its name. There may be none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words<'command> {
    bytes: &'command [u8],
    cuts: &'command [Range<usize>],
}

impl<'command> Words<'command> {
    /// Cuts a command, which is there as a whole.
    #[inline]
    pub(crate) fn cut(
        bytes: &'command [u8],
        limits: &Limits,
        cuts: &'command mut Cuts,
    ) -> Result<Words<'command>, ProtocolError> {
        cuts.clear();
        match bytes.first() {
            Some(b'*') => array(bytes, limits, cuts)?,
            Some(_) => line(bytes, limits, cuts)?,
            None => {}
        }
        Ok(Words { bytes, cuts })
    }

    /// How many.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.cuts.len()
    }

    /// One of them; an empty one beyond the last.
    #[inline]
    pub(crate) fn get(&self, number: usize) -> &'command [u8] {
        self.cuts.get(number).and_then(|cut| self.bytes.get(cut.clone())).unwrap_or(&[])
    }

    /// All from one on.
    pub(crate) fn from(self, first: usize) -> impl Iterator<Item = &'command [u8]> + Clone {
        (first..self.len()).map(move |number| self.get(number))
    }
}

#[inline]
fn array(bytes: &[u8], limits: &Limits, cuts: &mut Cuts) -> Result<(), ProtocolError> {
    let Head::There { number, bytes: mut at } = Head::read(bytes) else {
        return Err(ProtocolError::Count);
    };
    let words = usize::try_from(number.max(0)).unwrap_or(usize::MAX);
    if words > limits.words() {
        return Err(ProtocolError::Count);
    }
    for _ in 0..words {
        let rest = bytes.get(at..).unwrap_or(&[]);
        match rest.first() {
            Some(b'$') => {}
            other => return Err(ProtocolError::Marker(other.copied().unwrap_or_default())),
        }
        let Head::There { number, bytes: head } = Head::read(rest) else {
            return Err(ProtocolError::Length);
        };
        let start = at + head;
        let end = usize::try_from(number)
            .ok()
            .and_then(|length| length.checked_add(start))
            .filter(|end| *end < bytes.len())
            .ok_or(ProtocolError::Length)?;
        if bytes.get(end..end + 2) != Some(b"\r\n") {
            return Err(ProtocolError::End);
        }
        cuts.push(start..end);
        at = end + 2;
    }
    Ok(())
}

/// Words of a line have blanks between them. Those with blanks in them stand in quotation marks, which cannot
/// stand in them.
fn line(bytes: &[u8], limits: &Limits, cuts: &mut Cuts) -> Result<(), ProtocolError> {
    if bytes.last() != Some(&b'\n') || bytes.len() > limits.line() {
        return Err(ProtocolError::Line);
    }
    let mut at = 0;
    let find = |from: usize, is: &dyn Fn(u8) -> bool| {
        bytes.get(from..).and_then(|rest| rest.iter().position(|byte| is(*byte))).map(|hit| from + hit)
    };
    while let Some(start) = find(at, &|byte| !byte.is_ascii_whitespace()) {
        let quote = bytes.get(start).copied().filter(|byte| matches!(byte, b'"' | b'\''));
        let (start, end) = match quote {
            Some(quote) => (start + 1, find(start + 1, &|byte| byte == quote).ok_or(ProtocolError::Quote)?),
            None => (start, find(start, &|byte| byte.is_ascii_whitespace()).unwrap_or(bytes.len())),
        };
        cuts.push(start..end);
        at = end + usize::from(quote.is_some());
        if quote.is_some() && bytes.get(at).is_some_and(|byte| !byte.is_ascii_whitespace()) {
            return Err(ProtocolError::Quote);
        }
    }
    Ok(())
}
