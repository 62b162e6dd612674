//! What is there, and for how long.

use super::{Call, upper};
use crate::protocol::{Reply, parse};
use crate::store::{Clock, Moment, matches};

/// `DEL key ..`
pub(super) fn delete(call: &mut Call<'_, '_>) {
    let mut store = call.house.store.whole();
    let removed =
        call.words.from(1).filter(|key| store.at(key, |place| place.remove()) == Some(true)).count();
    call.reply.count(removed);
}

/// `EXISTS key ..`: one that is named twice counts twice.
pub(super) fn exist(call: &mut Call<'_, '_>) {
    let store = call.house.store.whole();
    call.reply.count(call.words.from(1).filter(|key| store.value(key).is_some()).count());
}

/// `EXPIRE key seconds`
pub(super) fn expire(call: &mut Call<'_, '_>) {
    end(call, 1000);
}

/// `PEXPIRE key milliseconds`
pub(super) fn expire_millis(call: &mut Call<'_, '_>) {
    end(call, 1);
}

/// A time that is over already forgets the key.
fn end(call: &mut Call<'_, '_>, scale: i64) {
    let time = parse(call.words.get(2));
    let Some(time) = time else { return call.reply.error("ERR value is not an integer or out of range") };
    let Some(time) = time.checked_mul(scale) else {
        return call.reply.error("ERR invalid expire time in 'expire' command");
    };
    let store = &call.house.store;
    let mut place = store.at(call.words.get(1));
    let is_there = match place.get() {
        Some(entry) if time > 0 => {
            entry.until = Moment(store.clock().now().0.saturating_add(time.unsigned_abs()));
            true
        }
        Some(_) => place.remove(),
        None => false,
    };
    call.reply.integer(i64::from(is_there));
}

/// `TTL key`: rounded to whole seconds.
pub(super) fn time_left(call: &mut Call<'_, '_>) {
    left(call, 1000);
}

/// `PTTL key`
pub(super) fn millis_left(call: &mut Call<'_, '_>) {
    left(call, 1);
}

/// -1 for a key without an end, -2 for none.
fn left(call: &mut Call<'_, '_>, scale: u64) {
    let store = &call.house.store;
    let left = match store.at(call.words.get(1)).get().map(|entry| entry.until) {
        None => -2,
        Some(Moment::NEVER) => -1,
        Some(until) => {
            let millis = until.0.saturating_sub(store.clock().now().0);
            i64::try_from(millis.saturating_add(scale / 2) / scale).unwrap_or(i64::MAX)
        }
    };
    call.reply.integer(left);
}

/// `PERSIST key`
pub(super) fn persist(call: &mut Call<'_, '_>) {
    let changed = match call.house.store.at(call.words.get(1)).get() {
        Some(entry) if entry.until != Moment::NEVER => {
            entry.until = Moment::NEVER;
            1
        }
        _ => 0,
    };
    call.reply.integer(changed);
}

/// `TYPE key`: there is but one.
pub(super) fn kind(call: &mut Call<'_, '_>) {
    match call.house.store.at(call.words.get(1)).get() {
        Some(_) => call.reply.line(b"+string\r\n"),
        None => call.reply.line(b"+none\r\n"),
    }
}

/// `KEYS pattern`: refused where there are more than fit into a reply.
pub(super) fn matching(call: &mut Call<'_, '_>) {
    let pattern = call.words.get(1);
    let store = call.house.store.whole();
    let (mut found, mut bytes) = (0, 0usize);
    let keys = || store.keys().filter(|key| matches(pattern, key));
    for key in keys() {
        found += 1;
        bytes += Reply::size_of_bulk(key.len());
    }
    if !call.reply.fits(bytes) {
        return;
    }
    call.reply.array(found);
    // Between the two some may have come to their end: as many are given as were announced.
    let given = keys().take(found).map(|key| call.reply.bulk(key)).count();
    (given..found).for_each(|_| call.reply.null());
}

/// `DBSIZE`
pub(super) fn count(call: &mut Call<'_, '_>) {
    let count = call.house.store.whole().len();
    call.reply.count(count);
}

/// `FLUSHALL [ASYNC|SYNC]`: there is no other way than at once.
pub(super) fn flush(call: &mut Call<'_, '_>) {
    if call.words.len() > 1 && !matches!(upper(call.words.get(1), &mut [0; 5]), Some(b"ASYNC" | b"SYNC")) {
        return call.reply.error("ERR syntax error");
    }
    call.house.store.whole().clear();
    call.reply.ok();
}
