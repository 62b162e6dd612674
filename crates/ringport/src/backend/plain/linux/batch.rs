//! Several receives of a datagram socket by one `recvmmsg`, into the operations that were started first.

use std::mem::MaybeUninit;
use std::os::fd::RawFd;
use std::sync::MutexGuard;

use super::attempt::{datagram, header, told_by};
use super::slot::{Slot, State};
use crate::backend::datagram::{is_unreachable, last_error};
use crate::backend::plain::{Direction, Done, Extent, Outcome, Request, What};
use crate::backend::sys::address;
use crate::memory::{CONTROL_OFFSET, NAME_LEN, NAME_OFFSET, Received};

/// The most datagrams in one call.
const MOST: usize = 64;
/// The least a call prepares for: preparing 64 for the one that comes would cost more than the call saves.
const FEWEST: usize = 8;

/// Completes up to `most` of the receives that were started first, with one call that does not wait.
pub(super) fn receive<'slot>(
    slot: &'slot Slot,
    mut state: MutexGuard<'slot, State>,
    most: usize,
    out: &mut dyn FnMut(Done),
) -> MutexGuard<'slot, State> {
    let most = most.min(MOST).min(state.expected.max(FEWEST));
    let mut batch = std::mem::take(&mut state.batch);
    // Once for a socket, and not in steps as its batches grow.
    batch.reserve(MOST);
    while batch.len() < most
        && let Some(request) = state.lane(Direction::In).begin_next()
    {
        batch.push(request);
    }
    if batch.is_empty() {
        state.batch = batch;
        return state;
    }
    let (descriptor, key) = (state.descriptor(), state.key());
    drop(state);
    let mut lengths = [0; MOST];
    let received = call(descriptor, &mut batch, &mut lengths);
    let mut state = slot.lock();
    let count = received.as_ref().map_or(0, |count| *count);
    state.expected = (count * 2).clamp(FEWEST, MOST);
    // From the last to the first, so that those without a datagram stand in front again in their order.
    let failure = received.err().filter(|error| !matches!(*error, libc::EAGAIN | libc::EINTR));
    let failure = failure.filter(|error| !is_unreachable(*error));
    while batch.len() > count {
        let Some(request) = batch.pop() else { break };
        let cancelled = state.lane(Direction::In).finish(request.number);
        match failure {
            Some(error) if batch.is_empty() => {
                let outcome = Outcome::failed(error, &request);
                out(request.done(key, outcome));
            }
            _ if cancelled => {
                let outcome = Outcome::aborted(&request);
                out(request.done(key, outcome));
            }
            _ => state.lane(Direction::In).pending.push_front(request),
        }
    }
    for (mut request, length) in batch.drain(..).zip(lengths) {
        state.lane(Direction::In).finish(request.number);
        let (_, room) = request.buffer.room();
        out(request.done(key, datagram(length, room)));
    }
    state.batch = batch;
    state
}

/// Receives into the requests, in their order; returns how many got a datagram, and how long each was.
fn call(descriptor: RawFd, batch: &mut [Request], lengths: &mut [usize; MOST]) -> Result<usize, i32> {
    let mut messages = [const { MaybeUninit::<libc::mmsghdr>::uninit() }; MOST];
    let mut vectors = [const { MaybeUninit::<libc::iovec>::uninit() }; MOST];
    let mut names = [const { MaybeUninit::<[u8; NAME_LEN]>::uninit() }; MOST];
    let places = messages.iter_mut().zip(vectors.iter_mut()).zip(names.iter_mut());
    let mut prepared = 0;
    for (request, ((message, vector), name)) in batch.iter_mut().zip(places) {
        let (start, room) = request.buffer.room();
        let vector = vector.write(libc::iovec { iov_base: start.cast(), iov_len: room });
        // SAFETY: mmsghdr is a plain C structure of integers and pointers; all zeroes is a valid value.
        let fields = &mut message.write(unsafe { std::mem::zeroed() }).msg_hdr;
        fields.msg_iov = vector;
        fields.msg_iovlen = 1;
        if let What::Receive(extent @ (Extent::Address | Extent::Message)) = request.what {
            fields.msg_namelen = NAME_LEN as _;
            match header(&request.buffer) {
                Some((header, headroom)) => {
                    fields.msg_name = header.wrapping_add(NAME_OFFSET).cast();
                    if extent == Extent::Message {
                        fields.msg_control = header.wrapping_add(CONTROL_OFFSET).cast();
                        fields.msg_controllen = headroom.saturating_sub(CONTROL_OFFSET) as _;
                    }
                }
                None => fields.msg_name = name.write([0; NAME_LEN]).as_mut_ptr().cast(),
            }
        }
        prepared += 1;
    }
    // SAFETY: the first `prepared` headers were written above. They point at vectors and names of this function and
    // at buffers that the requests own, which are borrowed uniquely until the call returns.
    let count = unsafe {
        libc::recvmmsg(
            descriptor,
            messages.as_mut_ptr().cast(),
            prepared,
            (libc::MSG_DONTWAIT | libc::MSG_TRUNC) as _,
            std::ptr::null_mut(),
        )
    };
    let count = usize::try_from(count).map_err(|_| last_error())?;
    let results = messages.iter().zip(&names).zip(lengths.iter_mut());
    for (request, ((message, name), length)) in batch.iter_mut().zip(results).take(count) {
        // SAFETY: the first `prepared` headers, which are at least `count`, were written above.
        let message = unsafe { message.assume_init_ref() };
        *length = message.msg_len as usize;
        let received = match request.what {
            What::Receive(Extent::Message) => told_by(&message.msg_hdr),
            What::Receive(Extent::Address) => {
                Received { control_len: 0, flags: 0, ..told_by(&message.msg_hdr) }
            }
            _ => Received::default(),
        };
        if received.name_len > 0 && header(&request.buffer).is_none() {
            // SAFETY: a name was asked for here only after it was written above.
            let name = unsafe { name.assume_init_ref() };
            request.peer = address::decode(name.get(..received.name_len.into()).unwrap_or_default());
        }
        // SAFETY: the call wrote the first `msg_len` bytes, or all there is room for.
        unsafe { request.buffer.fill(*length, received) };
    }
    Ok(count)
}
