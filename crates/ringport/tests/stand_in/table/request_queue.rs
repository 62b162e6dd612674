//! Request queues: what is refused at once, and what is kept.

use std::ffi::c_void;
use std::ptr;

use windows_sys::Win32::Networking::WinSock::{
    RIO_BUF, RIO_CQ, RIO_MSG_COMMIT_ONLY, RIO_MSG_DEFER, RIO_MSG_DONT_NOTIFY, RIO_MSG_WAITALL, RIO_RQ, SO_TYPE,
    SOCK_DGRAM, SOCK_STREAM, SOCKADDR_INET, SOCKET, SOL_SOCKET, WSAEFAULT, WSAEINVAL, WSAENOBUFS, WSAENOTSOCK,
    WSAEOPNOTSUPP, WSAETOOMANYREFS, WSAGetLastError, getsockopt,
};
use windows_sys::core::BOOL;

use super::fail;
use super::side::{Direction, Finished, Request, Side};
use super::world::{World, world};

pub(super) struct RequestQueue {
    name: RIO_RQ,
    socket: SOCKET,
    is_stream: bool,
    closed: bool,
    pub(super) context: u64,
    pub(super) sides: [Side; 2],
}

impl RequestQueue {
    pub(super) fn side_mut(&mut self, direction: Direction) -> &mut Side {
        let [receive, send] = &mut self.sides;
        if direction == Direction::Receive { receive } else { send }
    }

    /// See [`World::run`]. What is cancelled on one side is cancelled on both.
    pub(super) fn advance(&mut self, finished: &mut Vec<Finished>) {
        let mut cancelled = None;
        for side in &mut self.sides {
            cancelled = side.advance(self.name, self.socket, finished).or(cancelled);
        }
        let Some(outcome) = cancelled else { return };
        self.closed |= outcome.closed;
        for side in &mut self.sides {
            side.abort(self.socket);
            side.advance(self.name, self.socket, finished);
        }
    }

    /// Nothing more will come, and nothing that came is left.
    pub(super) fn is_over(&self) -> bool {
        self.closed && self.sides.iter().all(|side| side.outstanding == 0)
    }

    /// Looks whether its socket was closed while nothing was in flight.
    pub(super) fn notice_closed_socket(&mut self) {
        if self.sides.iter().any(Side::is_running) || kind_of(self.socket).is_ok() {
            return;
        }
        self.closed = true;
        self.sides.iter_mut().for_each(|side| side.abort(self.socket));
    }
}

/// Whether a socket has datagrams or a stream.
fn kind_of(socket: SOCKET) -> Result<i32, i32> {
    let (mut kind, mut length) = (0_i32, size_of::<i32>() as i32);
    let room = ptr::from_mut(&mut kind).cast();
    // SAFETY: the value and its length are locals.
    let result = unsafe { getsockopt(socket, SOL_SOCKET, SO_TYPE, room, &mut length) };
    // SAFETY: the call reads a value of this thread.
    if result == 0 { Ok(kind) } else { Err(unsafe { WSAGetLastError() }) }
}

#[allow(clippy::too_many_arguments)]
pub(super) unsafe extern "system" fn create(
    socket: SOCKET,
    receives: u32,
    receive_buffers: u32,
    sends: u32,
    send_buffers: u32,
    receive_queue: RIO_CQ,
    send_queue: RIO_CQ,
    context: *const c_void,
) -> RIO_RQ {
    let kind = match kind_of(socket) {
        Ok(kind) => kind,
        Err(_) => return fail(WSAENOTSOCK, 0),
    };
    if kind != SOCK_DGRAM && kind != SOCK_STREAM {
        return fail(WSAEOPNOTSUPP, 0);
    }
    if receives == 0 && sends == 0 || receive_buffers > 1 || send_buffers > 1 {
        return fail(WSAEINVAL, 0);
    }
    let mut world = world();
    if let Err(error) = world.make_way(socket) {
        return fail(error, 0);
    }
    let parts = [(receive_queue, receives), (send_queue, sends)];
    if let Err(error) = world.reserve(parts) {
        return fail(error, 0);
    }
    let name = world.name();
    let sides = [
        Side::new(Direction::Receive, receive_queue, receives),
        Side::new(Direction::Send, send_queue, sends),
    ];
    let is_stream = kind == SOCK_STREAM;
    let queue = RequestQueue { name, socket, is_stream, closed: false, context: context as u64, sides };
    world.request_queues.insert(name, queue);
    name
}

pub(super) unsafe extern "system" fn resize(name: RIO_RQ, receives: u32, sends: u32) -> BOOL {
    let mut world = world();
    let Some(queue) = world.request_queues.get(&name) else { return fail(WSAEINVAL, 0) };
    if receives == 0 && sends == 0 {
        return fail(WSAEINVAL, 0);
    }
    let [receive, send] = &queue.sides;
    if receives < receive.outstanding || sends < send.outstanding {
        return fail(WSAETOOMANYREFS, 0);
    }
    let before = [(receive.completions, receive.limit), (send.completions, send.limit)];
    let [(receive_queue, _), (send_queue, _)] = before;
    world.release(before);
    if let Err(error) = world.reserve([(receive_queue, receives), (send_queue, sends)]) {
        // What was there before fits.
        let _ = world.reserve(before);
        return fail(error, 0);
    }
    if let Some(queue) = world.request_queues.get_mut(&name) {
        queue.side_mut(Direction::Receive).limit = receives;
        queue.side_mut(Direction::Send).limit = sends;
    }
    1
}

impl World {
    /// A socket has one request queue. One whose socket was closed may still be known under the same number.
    fn make_way(&mut self, socket: SOCKET) -> Result<(), i32> {
        let found = self.request_queues.values().find(|queue| queue.socket == socket && !queue.closed);
        let Some(name) = found.map(|queue| queue.name) else { return Ok(()) };
        self.run(name);
        match self.request_queues.get(&name) {
            Some(queue) if !queue.closed && queue.sides.iter().any(|side| side.outstanding > 0) => Err(WSAEINVAL),
            Some(queue) if !queue.closed => {
                self.retire(name);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Reserves places in completion queues, all or none.
    fn reserve(&mut self, parts: [(RIO_CQ, u32); 2]) -> Result<(), i32> {
        for attempt in 0..2 {
            let mut fits = true;
            for (index, (queue, places)) in parts.into_iter().enumerate() {
                let Some(queue) = self.completion_queues.get_mut(&queue) else {
                    self.release_first(parts, index);
                    return Err(WSAEINVAL);
                };
                if !queue.has_room(places) {
                    self.release_first(parts, index);
                    fits = false;
                    break;
                }
                queue.reserved += places;
            }
            if fits {
                return Ok(());
            }
            if attempt == 0 {
                self.sweep();
            }
        }
        Err(WSAENOBUFS)
    }

    fn release_first(&mut self, parts: [(RIO_CQ, u32); 2], count: usize) {
        for (queue, places) in parts.into_iter().take(count) {
            if let Some(queue) = self.completion_queues.get_mut(&queue) {
                queue.reserved -= places;
            }
        }
    }

    fn release(&mut self, parts: [(RIO_CQ, u32); 2]) {
        self.release_first(parts, parts.len());
    }

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
            self.run(name);
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
        if [queue.sides[0].completions, queue.sides[1].completions].iter().any(|completions| {
            !self.completion_queues.contains_key(completions)
        }) {
            return Err(WSAEINVAL);
        }
        let queue = self.request_queues.get_mut(&name).ok_or(WSAEINVAL)?;
        queue.side_mut(direction).post(request, asked.flags & RIO_MSG_DEFER != 0)?;
        self.run(name);
        Ok(())
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
        Ok(()) => 1,
        Err(error) => fail(error, 0),
    }
}

pub(super) unsafe extern "system" fn receive(
    name: RIO_RQ,
    data: *const RIO_BUF,
    count: u32,
    flags: u32,
    context: *const c_void,
) -> BOOL {
    // SAFETY: the contract of the call.
    unsafe { posted(name, Direction::Receive, Asked::plain(data, count, flags, context)) }
}

pub(super) unsafe extern "system" fn send(
    name: RIO_RQ,
    data: *const RIO_BUF,
    count: u32,
    flags: u32,
    context: *const c_void,
) -> BOOL {
    // SAFETY: the contract of the call.
    unsafe { posted(name, Direction::Send, Asked::plain(data, count, flags, context)) }
}

#[allow(clippy::too_many_arguments)]
pub(super) unsafe extern "system" fn receive_with(
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
    unsafe { posted(name, Direction::Receive, asked) }
}

#[allow(clippy::too_many_arguments)]
pub(super) unsafe extern "system" fn send_with(
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
    unsafe { posted(name, Direction::Send, asked) }
}
