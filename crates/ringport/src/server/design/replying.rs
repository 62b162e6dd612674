//! Replies on their way: posted as deferred sends, and what comes back of them.

use std::io;

use super::is_no_source;
use super::promise::{Kind, Promise};
use super::sending::{self, Beside};
use crate::backend::sys::descriptor::BorrowedFd;
use crate::backend::sys::errno;
use crate::memory::{BufferMut, Cut};
use crate::queue::{
    CompletedBuffer, Completion, PortRequestQueue, PostError, Refused, RequestQueue, Send, SendBuffer, Status,
};
use crate::server::board::Notes;
use crate::server::delivery::{local_of, peer_of};
use crate::server::metadata::mark;
use crate::server::outlet::{Answer, Reply};

/// A request queue, whichever it is.
pub(super) trait Sends {
    fn send<B: SendBuffer>(&self, buffer: B, options: Send<'_>, token: u64) -> Result<(), Refused<B>>;
}

impl Sends for RequestQueue {
    #[inline]
    fn send<B: SendBuffer>(&self, buffer: B, options: Send<'_>, token: u64) -> Result<(), Refused<B>> {
        self.send_with(buffer, options, token)
    }
}

impl Sends for PortRequestQueue {
    #[inline]
    fn send<B: SendBuffer>(&self, buffer: B, options: Send<'_>, token: u64) -> Result<(), Refused<B>> {
        self.send_with(buffer, options, token)
    }
}

/// A reply that was not accepted, and why.
pub(super) struct NotPosted {
    pub(super) reply: Reply,
    pub(super) error: PostError,
}

/// Posts a reply that leaves with the next commit. With `silent` its completion notifies nobody, unless there may be
/// something left to do: one with a source may fail for it, and one of several datagrams on its way, and then they have
/// to be sent again at once.
#[inline]
pub(super) fn post(
    requests: &impl Sends,
    reply: Reply,
    mut promise: Promise,
    silent: bool,
) -> Result<(), NotPosted> {
    let Reply { answer, cut, peer, source } = reply;
    let mut options = Send::new().to(peer).defer();
    if let Some(size) = promise.segments() {
        options = options.segments(size);
    }
    let beside = Beside { source, ecn: mark(cut.tag) };
    promise.sourced = source.is_some();
    let control = beside.says_something().then(|| beside.control());
    if let Some(control) = &control {
        options = options.control(control);
    }
    if silent && !promise.sourced && promise.datagrams == 1 {
        options = options.dont_notify();
    }
    let token = promise.token();
    let (answer, error) = match answer {
        Answer::Whole(buffer) => match requests.send(buffer, options, token) {
            Ok(()) => return Ok(()),
            Err(refused) => (Answer::Whole(refused.buffer), refused.error),
        },
        Answer::Copy(buffer) => match requests.send(buffer, options, token) {
            Ok(()) => return Ok(()),
            Err(refused) => (Answer::Copy(refused.buffer), refused.error),
        },
        Answer::Part(buffer) => match requests.send(buffer, options, token) {
            Ok(()) => return Ok(()),
            Err(refused) => (Answer::Part(refused.buffer), refused.error),
        },
    };
    Err(NotPosted { reply: Reply { answer, cut, peer, source }, error })
}

/// Sends the datagrams of a reply from this one on, with a call for each; returns how many left. All that was posted
/// before has to have left.
#[cold]
pub(super) fn send_now(socket: BorrowedFd<'_>, reply: &Reply, from: u32, notes: &Notes) -> u32 {
    let full = |_: &mut dyn FnMut() -> io::Result<()>| Err(io::Error::from_raw_os_error(errno::ENOBUFS));
    let beside = Beside { source: reply.source, ecn: mark(reply.cut.tag) };
    let send = |bytes: &[u8]| sending::send(socket, bytes, &reply.peer, beside, notes, full);
    let bytes = reply.answer.bytes();
    let mut sent = 0;
    for datagram in reply.cut.datagrams_in(bytes).skip(from as usize) {
        sent += u32::from(send(datagram).is_ok());
    }
    sent
}

/// What a completed send leaves to do.
pub(super) enum Done {
    /// This slice serves for receiving again.
    Slice(BufferMut),
    /// The datagram came to an address that nothing can be sent from, such as the broadcast address of a network: the
    /// routes choose another one.
    Again(Reply, Promise),
    /// One of several datagrams did not leave, as a rule because it is larger than its way takes, so those behind it did
    /// not either; so many before it did.
    Apart(Reply, u32),
    /// Nothing.
    Nothing,
}

/// Looks at a completed send.
#[inline]
pub(super) fn done(completion: Completion) -> (Promise, Status, Done) {
    let promise = Promise::of(completion.token());
    let status = completion.status();
    let bytes = completion.bytes() as u32;
    let answer = match (completion.into_buffer(), promise.kind) {
        (_, Kind::Copy) => return (promise, status, Done::Nothing),
        (CompletedBuffer::Unique(buffer), Kind::Reply) => Answer::Whole(buffer),
        (CompletedBuffer::Unique(buffer), Kind::Moved) => Answer::Copy(buffer),
        (CompletedBuffer::Shared(buffer), _) => Answer::Part(buffer),
        _ => return (promise, status, Done::Nothing),
    };
    let Status::Failed(error) = status else {
        return (promise, status, answer.into_slice().map_or(Done::Nothing, Done::Slice));
    };
    (promise, status, failed(answer, promise, error, bytes))
}

/// Looks at a send that failed after so many bytes.
#[cold]
fn failed(answer: Answer, promise: Promise, error: i32, bytes: u32) -> Done {
    let (peer, local) = match &answer {
        Answer::Whole(buffer) | Answer::Copy(buffer) => (peer_of(buffer), local_of(buffer)),
        Answer::Part(buffer) => (peer_of(buffer), local_of(buffer)),
    };
    let cut = Cut::of(promise.size, promise.datagrams, promise.tag);
    // What failed on its way is not sent again as a whole: its first datagrams would come twice.
    if promise.datagrams > 1 && (error == errno::EMSGSIZE || bytes > 0) {
        let source = local.filter(|_| promise.sourced);
        return Done::Apart(Reply { answer, cut, peer, source }, bytes / promise.size.max(1));
    }
    if promise.sourced && is_no_source(error) {
        let again = Promise { sourced: false, ..promise };
        return Done::Again(Reply { answer, cut, peer, source: None }, again);
    }
    answer.into_slice().map_or(Done::Nothing, Done::Slice)
}
