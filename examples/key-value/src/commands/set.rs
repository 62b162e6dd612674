//! SET with all it may be told.

use super::strings::too_long;
use super::{Call, upper};
use crate::protocol::parse;
use crate::store::{Clock, Moment};

/// When a value is put, and for how long.
#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    /// Only where there is one (`XX`), or only where there is none (`NX`).
    only_over: Option<bool>,
    /// The value before is the answer.
    get: bool,
    /// As long as the value before.
    keep_time: bool,
    /// For so many milliseconds.
    time: Option<u64>,
}

/// What is wrong with options.
#[derive(Debug, PartialEq, Eq)]
enum Wrong {
    Syntax,
    Number,
    Time,
}

impl Options {
    fn read<'word>(mut words: impl Iterator<Item = &'word [u8]>) -> Result<Options, Wrong> {
        let mut options = Options::default();
        while let Some(word) = words.next() {
            let mut room = [0; 7];
            match upper(word, &mut room) {
                Some(b"NX") if options.only_over != Some(true) => options.only_over = Some(false),
                Some(b"XX") if options.only_over != Some(false) => options.only_over = Some(true),
                Some(b"GET") => options.get = true,
                Some(b"KEEPTTL") if options.time.is_none() => options.keep_time = true,
                Some(unit @ (b"EX" | b"PX")) if options.time.is_none() && !options.keep_time => {
                    let scale = if unit == b"EX" { 1000 } else { 1 };
                    options.time = Some(time(words.next(), scale)?);
                }
                _ => return Err(Wrong::Syntax),
            }
        }
        Ok(options)
    }
}

/// A time in milliseconds from a number of units of so many.
fn time(number: Option<&[u8]>, scale: i64) -> Result<u64, Wrong> {
    let number = parse(number.ok_or(Wrong::Syntax)?).ok_or(Wrong::Number)?;
    let time = number.checked_mul(scale).filter(|time| *time > 0);
    time.and_then(|time| u64::try_from(time).ok()).ok_or(Wrong::Time)
}

/// `SET key value [NX|XX] [GET] [EX seconds|PX milliseconds|KEEPTTL]`
#[inline]
pub(super) fn set(call: &mut Call<'_, '_>) {
    let words = call.words;
    if words.get(2).len() > call.house.limits.value() {
        return too_long(call);
    }
    if words.len() == 3 {
        call.house.store.at(words.get(1)).set(words.get(2), Moment::NEVER);
        return call.reply.ok();
    }
    match Options::read(words.from(3)) {
        Ok(options) => with_options(call, &options),
        Err(Wrong::Syntax) => call.reply.error("ERR syntax error"),
        Err(Wrong::Number) => call.reply.error("ERR value is not an integer or out of range"),
        Err(Wrong::Time) => call.reply.error("ERR invalid expire time in 'set' command"),
    }
}

fn with_options(call: &mut Call<'_, '_>, options: &Options) {
    let store = &call.house.store;
    let mut place = store.at(call.words.get(1));
    let before = place.get();
    let puts = options.only_over.is_none_or(|over| over == before.is_some());
    let until = match (&before, options.time) {
        (_, Some(time)) => Moment(store.clock().now().0.saturating_add(time)),
        (Some(before), None) if options.keep_time => before.until,
        _ => Moment::NEVER,
    };
    match before {
        Some(before) if options.get => call.reply.bulk(&before.value),
        None if options.get => call.reply.null(),
        _ if puts => call.reply.ok(),
        _ => call.reply.null(),
    }
    if puts {
        place.set(call.words.get(2), until);
    }
}

/// `SETNX key value`
pub(super) fn set_new(call: &mut Call<'_, '_>) {
    let (key, value) = (call.words.get(1), call.words.get(2));
    if value.len() > call.house.limits.value() {
        return too_long(call);
    }
    let mut place = call.house.store.at(key);
    let is_new = place.get().is_none();
    if is_new {
        place.set(value, Moment::NEVER);
    }
    call.reply.integer(i64::from(is_new));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> Result<Options, Wrong> {
        Options::read(words.split(' ').map(str::as_bytes))
    }

    #[test]
    fn options_may_stand_in_any_order() {
        let all = Options { only_over: Some(true), get: true, keep_time: false, time: Some(5000) };
        assert_eq!(read("ex 5 XX get"), Ok(all));
        assert_eq!(read("PX 7"), Ok(Options { time: Some(7), ..Options::default() }));
        assert_eq!(
            read("nx KeepTTL"),
            Ok(Options { only_over: Some(false), keep_time: true, ..Options::default() })
        );
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for wrong in ["NX XX", "XX NX", "EX 1 PX 1", "KEEPTTL EX 1", "EX 1 KEEPTTL", "EX", "YES", "KEEPTTLX"]
        {
            assert_eq!(read(wrong), Err(Wrong::Syntax), "{wrong}");
        }
        assert_eq!((read("EX one"), read("EX 1.5")), (Err(Wrong::Number), Err(Wrong::Number)));
        for wrong in ["EX 0", "PX -1", "EX 9223372036854775807"] {
            assert_eq!(read(wrong), Err(Wrong::Time), "{wrong}");
        }
    }
}
