//! The call that begins an operation.

use std::os::windows::io::RawHandle;

use super::node::{Flight, Node};
use super::{connection, file, socket};
use crate::backend::plain::What;
use crate::backend::sys::errno;

/// What the call said.
#[derive(Clone, Copy, Debug)]
pub(super) enum Issued {
    /// It is done.
    Done,
    /// The system goes on with it.
    Pending,
    Failed(i32),
}

/// Makes the call.
///
/// # Safety
/// The caller has the place, whose flight has a request, and the handle is open. After a call that did not fail the
/// place is the system's, or that of whoever takes the packet.
pub(super) unsafe fn issue(node: Node, handle: RawHandle) -> Issued {
    // SAFETY: the caller has the place.
    let flight = unsafe { node.flight() };
    let Flight { request: Some(request), .. } = flight else { return Issued::Failed(errno::EINVAL) };
    let what = request.what;
    let offset = match what {
        What::Read(offset) | What::Write(offset) => match file::at(offset, request.progress) {
            Some(offset) => offset,
            None => return Issued::Failed(errno::EINVAL),
        },
        _ => 0,
    };
    // SAFETY: as above.
    unsafe { node.prepare(offset) };
    let overlapped = node.overlapped();
    // SAFETY: all that the calls are given lies in the flight, or belongs to its request: it stays where it is, and is
    // nobody else's, until the packet is taken.
    unsafe {
        match what {
            What::Read(_) => file::read(handle, flight, overlapped),
            What::Write(_) => file::write(handle, flight, overlapped),
            What::Receive(extent) => socket::receive(handle, flight, overlapped, extent),
            What::Send => socket::send(handle, flight, overlapped),
            What::SendAll => socket::send_all(handle, flight, overlapped),
            What::Accept => connection::accept(handle, flight, overlapped),
            What::Connect => connection::connect(handle, flight, overlapped),
        }
    }
}
