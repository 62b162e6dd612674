//! Values that are numbers in digits, and what is added to them.

use super::Call;
use crate::protocol::{Decimal, parse};
use crate::store::Moment;

/// `INCR key`
pub(super) fn increment(call: &mut Call<'_, '_>) {
    add(call, Some(1));
}

/// `DECR key`
pub(super) fn decrement(call: &mut Call<'_, '_>) {
    add(call, Some(-1));
}

/// `INCRBY key number`
pub(super) fn increment_by(call: &mut Call<'_, '_>) {
    add(call, parse(call.words.get(2)));
}

/// `DECRBY key number`
pub(super) fn decrement_by(call: &mut Call<'_, '_>) {
    add(call, parse(call.words.get(2)).and_then(i64::checked_neg));
}

/// A key without a value counts as zero; one with a time keeps that.
fn add(call: &mut Call<'_, '_>, more: Option<i64>) {
    const NO_NUMBER: &str = "ERR value is not an integer or out of range";
    let Some(more) = more else { return call.reply.error(NO_NUMBER) };
    let mut place = call.house.store.at(call.words.get(1));
    let (before, until) = match place.get() {
        Some(entry) => (parse(&entry.value), entry.until),
        None => (Some(0), Moment::NEVER),
    };
    let Some(before) = before else { return call.reply.error(NO_NUMBER) };
    match before.checked_add(more) {
        Some(sum) => {
            place.set(Decimal::new(sum).as_bytes(), until);
            call.reply.integer(sum);
        }
        None => call.reply.error("ERR increment or decrement would overflow"),
    }
}
