//! The way out: bytes that have left complete the sends that were posted first.

use crate::backend::contract::{Attachment, Completion, Outward, SendSide, Status};

/// Completes the request posted first, with the bytes of it that have left.
pub(crate) fn complete_send(
    status: Status,
    key: u32,
    attachment: &mut Attachment,
    out: &mut Vec<Completion>,
) {
    if let Some((request, sent)) = attachment.send.as_mut().and_then(SendSide::take_first) {
        out.push(attachment.sent(key, request, status, sent));
    }
}

/// So many bytes have left: completes the sends that are through.
#[inline]
pub(crate) fn advance(
    bytes: usize,
    due: usize,
    key: u32,
    attachment: &mut Attachment,
    out: &mut Vec<Completion>,
) {
    let mut gone = bytes;
    for _ in 0..due {
        let Some(side) = attachment.send.as_mut() else { return };
        let Some(first) = side.posted.front_mut().filter(|first| first.what == Outward::Data) else {
            return;
        };
        let length = first.payload.len();
        let left = length - side.progress.sent.min(length);
        if gone < left {
            side.progress.sent += gone;
            return;
        }
        gone -= left;
        side.progress.sent = 0;
        if let Some(request) = side.posted.pop_front() {
            out.push(attachment.sent(key, request, Status::Success, length as u32));
        }
    }
}
