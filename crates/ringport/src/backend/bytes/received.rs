//! The way in: bytes and connections that are there already go to the requests that were posted first.

use crate::backend::contract::{
    Attachment, Completion, Ended, Origin, Outcome, Payload, ReceiveRequest, ReceiveSide, Source, Status,
    TakenReceive,
};
use crate::backend::sys::descriptor::OwnedFd;
use crate::memory::{BufferMut, ChainMut, Received, Use};
use crate::net::StreamSocket;

/// Appends the completion of a receive that was taken from its side, and has so many bytes.
pub(crate) fn complete(
    attachment: &Attachment,
    key: u32,
    request: ReceiveRequest,
    bytes: u32,
    out: &mut Vec<Completion>,
) {
    let ReceiveRequest { slice, token, notifies, .. } = request;
    if let Some(mut buffer) = slice {
        buffer.set_received(bytes, Received::default());
        buffer.set_use(Use::Held);
        let origin = Origin { key, socket_context: attachment.context, token, notifies };
        Completion::push_slice(out, buffer, bytes, Outcome::Success, origin);
    }
}

/// Gives so many bytes, which are in their memory already, to the receives posted first.
pub(crate) fn hand_out(bytes: usize, key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>) {
    let mut left = bytes;
    while left > 0 {
        let Some(side) = attachment.receive.as_mut() else { return };
        let Some(request) = side.posted.front_mut() else { return };
        let capacity = match &request.slice {
            Some(buffer) => BufferMut::capacity(buffer),
            None => side.chains.front().map_or(0, ChainMut::capacity),
        };
        let now = left.min(capacity - side.filled.min(capacity));
        left -= now;
        let total = side.filled + now;
        if request.wait_all && total < capacity {
            side.filled = total;
            return;
        }
        side.filled = 0;
        if request.slice.is_some() {
            if let Some(request) = side.posted.pop_front() {
                complete(attachment, key, request, total as u32, out);
            }
            continue;
        }
        let Some(mut taken) = side.take_first() else { return };
        taken.payload.set_filled(total as u32);
        out.push(attachment.received(key, taken, Status::Success, total as u32));
    }
}

/// Nothing more will come: the receives that are posted complete, `want` of them now.
#[cold]
pub(crate) fn end(
    ended: Ended,
    key: u32,
    attachment: &mut Attachment,
    want: usize,
    out: &mut Vec<Completion>,
) {
    for _ in 0..want {
        let Some(taken) = attachment.receive.as_mut().and_then(ReceiveSide::take_first) else { return };
        let TakenReceive { bytes, .. } = taken;
        // One that waits for all has what came before the end, and the next says why there is no more.
        let status = match ended {
            Ended::Failed(error) if bytes == 0 => Status::Failed(error),
            _ => Status::Success,
        };
        out.push(attachment.received(key, taken, status, bytes));
    }
}

/// The connection failed: counted, once.
pub(crate) fn failed(error: i32, attachment: &mut Attachment) -> Ended {
    attachment.counters.failed += 1;
    Ended::Failed(error)
}

/// Lets go of slices that were taken for receives and got no byte.
pub(crate) fn give_back(side: &mut ReceiveSide, requests: usize) {
    for position in 0..requests.min(side.posted.len()) {
        if (position > 0 || side.filled == 0)
            && let Some(request) = side.posted.get_mut(position)
            && request.source == Source::Pool
        {
            request.slice = None;
        }
    }
}

/// Completes the accept posted first with a connection.
pub(crate) fn accepted(
    connection: OwnedFd,
    key: u32,
    attachment: &mut Attachment,
    out: &mut Vec<Completion>,
) {
    let Some(mut taken) = attachment.receive.as_mut().and_then(|side| side.take_first()) else { return };
    taken.payload = Payload::Stream(StreamSocket::from_owned(connection));
    out.push(attachment.received(key, taken, Status::Success, 0));
}

/// Completes it with an error. The connection stays where it is, for the next.
pub(crate) fn refused(error: i32, key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>) {
    attachment.counters.failed += 1;
    if let Some(taken) = attachment.receive.as_mut().and_then(|side| side.take_first()) {
        out.push(attachment.received(key, taken, Status::Failed(error), 0));
    }
}
