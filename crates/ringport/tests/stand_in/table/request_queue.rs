//! Request queues: a socket's limits, reserved in its completion queues, and its two sides.

use std::ffi::c_void;
use std::ptr;

use windows_sys::Win32::Networking::WinSock::{
    RIO_CQ, RIO_RQ, SO_TYPE, SOCK_DGRAM, SOCK_STREAM, SOCKET, SOL_SOCKET, WSAECONNRESET, WSAEINVAL,
    WSAENOBUFS, WSAENOTCONN, WSAENOTSOCK, WSAEOPNOTSUPP, WSAETOOMANYREFS, WSAGetLastError, getsockopt,
};
use windows_sys::core::BOOL;

use super::collector::Collector;
use super::manners::{self, Call, refusal};
use super::side::{Direction, Finished, Side};
use super::watch::Watch;
use super::world::World;
use super::{engine, fail};

pub(super) struct RequestQueue {
    name: RIO_RQ,
    socket: SOCKET,
    pub(super) is_stream: bool,
    pub(super) closed: bool,
    pub(super) context: u64,
    pub(super) sides: [Side; 2],
    pub(super) watch: Watch,
}

impl RequestQueue {
    pub(super) fn side_mut(&mut self, direction: Direction) -> &mut Side {
        let [receive, send] = &mut self.sides;
        if direction == Direction::Receive { receive } else { send }
    }

    /// See [`World::run`]. What is cancelled on one side is cancelled on both.
    pub(super) fn advance(&mut self, finished: &mut Vec<Finished>) {
        let mut cancelled = false;
        if !self.closed {
            self.closed = self.watch.is_closed(self.socket);
            cancelled = self.closed;
        }
        for side in &mut self.sides {
            if cancelled {
                side.abort(self.socket);
            }
            cancelled |= side.advance(self.name, self.socket, finished);
        }
        if cancelled {
            for side in &mut self.sides {
                side.abort(self.socket);
                side.advance(self.name, self.socket, finished);
            }
        }
        if self.is_stream && self.watch.was_connected() {
            // Wine tells of a reset once, and then that there is no connection; Windows tells of the reset again.
            let over = finished.iter_mut().filter(|done| done.error == WSAENOTCONN);
            over.for_each(|done| done.error = WSAECONNRESET);
        }
    }

    /// Nothing more will come, and nothing that came is left.
    pub(super) fn is_over(&self) -> bool {
        self.closed && self.sides.iter().all(|side| side.outstanding == 0)
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
    let (is_stream, context) = (kind == SOCK_STREAM, context as u64);
    let sides = [(receive_queue, receives), (send_queue, sends)];
    let cancels = manners::cancels(socket);
    match engine::call(move |world| world.create(socket, is_stream, sides, context, cancels)) {
        Some(Ok(name)) => name,
        Some(Err(error)) => fail(error, 0),
        None => fail(WSAENOBUFS, 0),
    }
}

pub(super) unsafe extern "system" fn resize(name: RIO_RQ, receives: u32, sends: u32) -> BOOL {
    if let Some(error) = refusal(Call::ResizeRequestQueue) {
        return fail(error, 0);
    }
    match engine::call(move |world| world.resize(name, receives, sends)) {
        Some(Ok(())) => 1,
        Some(Err(error)) => fail(error, 0),
        None => fail(WSAENOBUFS, 0),
    }
}

impl World {
    fn create(
        &mut self,
        socket: SOCKET,
        is_stream: bool,
        parts: [(RIO_CQ, u32); 2],
        context: u64,
        cancels: bool,
    ) -> Result<RIO_RQ, i32> {
        self.make_way(socket)?;
        self.reserve(parts)?;
        let name = self.name();
        let Some(watch) = Watch::new(socket, Collector::take(name)) else {
            self.release(parts);
            return Err(WSAENOTSOCK);
        };
        let [(receive_queue, receives), (send_queue, sends)] = parts;
        let sides = [
            Side::new(Direction::Receive, is_stream, cancels, receive_queue, receives),
            Side::new(Direction::Send, is_stream, cancels, send_queue, sends),
        ];
        let queue = RequestQueue { name, socket, is_stream, closed: false, context, sides, watch };
        self.request_queues.insert(name, queue);
        Ok(name)
    }

    fn resize(&mut self, name: RIO_RQ, receives: u32, sends: u32) -> Result<(), i32> {
        let queue = self.request_queues.get(&name).ok_or(WSAEINVAL)?;
        if receives == 0 && sends == 0 {
            return Err(WSAEINVAL);
        }
        let [receive, send] = &queue.sides;
        if receives < receive.outstanding || sends < send.outstanding {
            return Err(WSAETOOMANYREFS);
        }
        let before = [(receive.completions, receive.limit), (send.completions, send.limit)];
        let [(receive_queue, _), (send_queue, _)] = before;
        self.release(before);
        if let Err(error) = self.reserve([(receive_queue, receives), (send_queue, sends)]) {
            // What was there before fits.
            let _ = self.reserve(before);
            return Err(error);
        }
        if let Some(queue) = self.request_queues.get_mut(&name) {
            queue.side_mut(Direction::Receive).limit = receives;
            queue.side_mut(Direction::Send).limit = sends;
        }
        Ok(())
    }

    /// A socket has one request queue. That of a closed socket with the same number is forgotten.
    fn make_way(&mut self, socket: SOCKET) -> Result<(), i32> {
        let same = |queue: &&RequestQueue| queue.socket == socket && !queue.closed;
        if let Some(name) = self.request_queues.values().find(same).map(|queue| queue.name) {
            self.run(name);
        }
        if self.request_queues.values().any(|queue| same(&queue)) { Err(WSAEINVAL) } else { Ok(()) }
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
}
