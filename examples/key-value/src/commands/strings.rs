//! Values as they are: GET, MGET, MSET, APPEND, STRLEN.

use super::{Call, wrong_number};
use crate::protocol::Reply;
use crate::store::Moment;

/// `GET key`
#[inline]
pub(super) fn get(call: &mut Call<'_, '_>) {
    match call.house.store.at(call.words.get(1)).get() {
        Some(entry) => call.reply.bulk(&entry.value),
        None => call.reply.null(),
    }
}

/// `MGET key ..`
pub(super) fn get_many(call: &mut Call<'_, '_>) {
    let keys = call.words.from(1);
    let store = call.house.store.whole();
    // A key that is named twice is answered twice: nothing but the sum says how long that gets.
    let bytes = keys.clone().map(|key| Reply::size_of_bulk(store.value(key).map_or(0, <[u8]>::len)));
    if !call.reply.fits(bytes.sum()) {
        return;
    }
    call.reply.array(call.words.len() - 1);
    for key in keys {
        match store.value(key) {
            Some(value) => call.reply.bulk(value),
            None => call.reply.null(),
        }
    }
}

/// `MSET key value ..`
pub(super) fn set_many(call: &mut Call<'_, '_>) {
    let words = call.words;
    if words.len().is_multiple_of(2) {
        return wrong_number(call);
    }
    let pairs = || (1..words.len()).step_by(2).map(|number| (words.get(number), words.get(number + 1)));
    if pairs().any(|(_, value)| value.len() > call.house.limits.value()) {
        return too_long(call);
    }
    let mut store = call.house.store.whole();
    for (key, value) in pairs() {
        store.at(key, |place| place.set(value, Moment::NEVER));
    }
    call.reply.ok();
}

/// `APPEND key value`
pub(super) fn append(call: &mut Call<'_, '_>) {
    let (key, more) = (call.words.get(1), call.words.get(2));
    let mut place = call.house.store.at(key);
    let before = place.get().map_or(0, |entry| entry.value.len());
    let length = before.saturating_add(more.len());
    if length > call.house.limits.value() {
        drop(place);
        return too_long(call);
    }
    match place.get() {
        Some(entry) => entry.value.extend_from_slice(more),
        None => place.set(more, Moment::NEVER),
    }
    call.reply.count(length);
}

/// `STRLEN key`
pub(super) fn length(call: &mut Call<'_, '_>) {
    let length = call.house.store.at(call.words.get(1)).get().map_or(0, |entry| entry.value.len());
    call.reply.count(length);
}

/// A value would be longer than a reply may be.
#[cold]
pub(super) fn too_long(call: &mut Call<'_, '_>) {
    let most = call.house.limits.value();
    call.reply.error(format_args!("ERR string exceeds maximum allowed size ({most} bytes)"));
}
