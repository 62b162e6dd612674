//! Posting a request: what is refused at once, and what is kept.

use std::ffi::c_void;
use std::ptr;

use windows_sys::Win32::Networking::WinSock::{
    RIO_BUF, RIO_MSG_COMMIT_ONLY, RIO_MSG_DEFER, RIO_MSG_DONT_NOTIFY, RIO_MSG_WAITALL, RIO_RQ, SOCKADDR_INET,
    WSAEFAULT, WSAEINVAL, WSAEOPNOTSUPP,
};
use windows_sys::core::BOOL;

use super::side::{Direction, Request};
use super::world::{World, world};
use super::{engine, fail};

impl World {
    /// Posts a request, or commits what was deferred.
    ///
    /// # Safety
    /// The pointers are null or good.
    unsafe fn post(&mut self, name: RIO_RQ, direction: Direction, asked: Asked) -> Result<(), i32> {
        let queue = self.request_queues.get(&name).ok_or(WSAEINVAL)?;
        if queue.closed {
            return Err(WSAEINVAL);
        }
        if asked.flags == RIO_MSG_COMMIT_ONLY {
            if asked.count != 0 || !asked.context.is_null() || asked.parts().any(|part| !part.is_null()) {
                return Err(WSAEINVAL);
            }
            self.request_queues.get_mut(&name).ok_or(WSAEINVAL)?.side_mut(direction).commit();
            return Ok(());
        }
        let allowed = match direction {
            Direction::Receive => RIO_MSG_DONT_NOTIFY | RIO_MSG_DEFER | RIO_MSG_WAITALL,
            Direction::Send => RIO_MSG_DONT_NOTIFY | RIO_MSG_DEFER,
        };
        if asked.flags & !allowed != 0 || asked.count != u32::from(!asked.data.is_null()) {
            return Err(WSAEINVAL);
        }
        if asked.flags & RIO_MSG_WAITALL != 0 && !queue.is_stream {
            return Err(WSAEOPNOTSUPP);
        }
        if queue.is_stream && asked.data.is_null() || !asked.local.is_null() {
            return Err(WSAEINVAL);
        }
        // SAFETY: the caller's word.
        let request = unsafe { self.request(&asked)? };
        if [queue.sides[0].completions, queue.sides[1].completions]
            .iter()
            .any(|completions| !self.completion_queues.contains_key(completions))
        {
            return Err(WSAEINVAL);
        }
        let queue = self.request_queues.get_mut(&name).ok_or(WSAEINVAL)?;
        queue.side_mut(direction).post(request, asked.flags & RIO_MSG_DEFER != 0)
    }

    /// Looks all the memory up that a request names.
    ///
    /// # Safety
    /// The pointers are null or good.
    unsafe fn request(&self, asked: &Asked) -> Result<Request, i32> {
        // SAFETY: the caller's word.
        let find = |named| unsafe { self.resolve(named) };
        let at_least = |named, least: usize| match find(named)? {
            Some(slice) if (slice.length as usize) < least => Err(WSAEFAULT),
            slice => Ok(slice),
        };
        Ok(Request {
            data: find(asked.data)?,
            remote: at_least(asked.remote, size_of::<SOCKADDR_INET>())?,
            control: at_least(asked.control, 8)?,
            flags_out: at_least(asked.flags_out, size_of::<u32>())?,
            flags: asked.flags,
            context: asked.context as u64,
            filled: 0,
            retried: false,
        })
    }
}

/// The arguments of a post.
struct Asked {
    data: *const RIO_BUF,
    count: u32,
    local: *const RIO_BUF,
    remote: *const RIO_BUF,
    control: *const RIO_BUF,
    flags_out: *const RIO_BUF,
    flags: u32,
    context: *const c_void,
}

impl Asked {
    fn plain(data: *const RIO_BUF, count: u32, flags: u32, context: *const c_void) -> Asked {
        let none = ptr::null();
        Asked { data, count, local: none, remote: none, control: none, flags_out: none, flags, context }
    }

    fn parts(&self) -> impl Iterator<Item = *const RIO_BUF> {
        [self.data, self.local, self.remote, self.control, self.flags_out].into_iter()
    }
}

/// # Safety
/// The pointers are null or good.
unsafe fn posted(name: RIO_RQ, direction: Direction, asked: Asked) -> BOOL {
    // SAFETY: the caller's word.
    match unsafe { world().post(name, direction, asked) } {
        Ok(()) => {
            // The system begins at once: what is sent leaves before the socket can be closed.
            engine::run(name);
            1
        }
        Err(error) => fail(error, 0),
    }
}

/// `RIOReceive`, or `RIOSend`.
pub(super) unsafe extern "system" fn post<const SENDS: bool>(
    name: RIO_RQ,
    data: *const RIO_BUF,
    count: u32,
    flags: u32,
    context: *const c_void,
) -> BOOL {
    // SAFETY: the contract of the call.
    unsafe { posted(name, direction(SENDS), Asked::plain(data, count, flags, context)) }
}

/// `RIOReceiveEx`, or `RIOSendEx`.
#[allow(clippy::too_many_arguments)]
pub(super) unsafe extern "system" fn post_with<const SENDS: bool>(
    name: RIO_RQ,
    data: *const RIO_BUF,
    count: u32,
    local: *const RIO_BUF,
    remote: *const RIO_BUF,
    control: *const RIO_BUF,
    flags_out: *const RIO_BUF,
    flags: u32,
    context: *const c_void,
) -> BOOL {
    let asked = Asked { data, count, local, remote, control, flags_out, flags, context };
    // SAFETY: the contract of the call.
    unsafe { posted(name, direction(SENDS), asked) }
}

fn direction(sends: bool) -> Direction {
    if sends { Direction::Send } else { Direction::Receive }
}
