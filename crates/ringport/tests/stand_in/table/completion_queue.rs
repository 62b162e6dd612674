//! Completion queues: results in the order they came, places that request queues reserve, one armed notification.

use std::collections::VecDeque;
use std::ptr;

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::Networking::WinSock::{
    RIO_CORRUPT_CQ, RIO_CQ, RIO_EVENT_COMPLETION, RIO_IOCP_COMPLETION, RIO_MAX_CQ_SIZE,
    RIO_NOTIFICATION_COMPLETION, RIO_RQ, RIORESULT, WSAEALREADY, WSAEINVAL, WSAETOOMANYREFS,
};
use windows_sys::Win32::System::IO::PostQueuedCompletionStatus;
use windows_sys::Win32::System::Threading::{ResetEvent, SetEvent};
use windows_sys::core::BOOL;

use super::fail;
use super::side::{Direction, Finished};
use super::world::world;

/// How a queue says that it has something. Handles and addresses as numbers: nobody here follows them.
enum Notification {
    Event { event: usize, reset: bool },
    Port { port: usize, key: usize, packet: usize },
}

struct Entry {
    result: RIORESULT,
    notifies: bool,
    queue: RIO_RQ,
    direction: Direction,
}

pub(super) struct CompletionQueue {
    size: u32,
    pub(super) reserved: u32,
    results: VecDeque<Entry>,
    notification: Option<Notification>,
    armed: bool,
}

impl CompletionQueue {
    /// Whether so many more places can be reserved.
    pub(super) fn has_room(&self, places: u32) -> bool {
        self.reserved.checked_add(places).is_some_and(|reserved| reserved <= self.size)
    }

    pub(super) fn push(&mut self, queue: RIO_RQ, context: u64, done: Finished) {
        let Finished { direction, error, bytes, request_context, notifies } = done;
        let result = RIORESULT {
            Status: error,
            BytesTransferred: bytes,
            SocketContext: context,
            RequestContext: request_context,
        };
        self.results.push_back(Entry { result, notifies, queue, direction });
        if notifies && self.armed {
            self.fire();
        }
    }

    fn fire(&mut self) {
        self.armed = false;
        match self.notification {
            // SAFETY: whoever made the queue keeps the event open as long as it.
            Some(Notification::Event { event, .. }) => _ = unsafe { SetEvent(event as HANDLE) },
            Some(Notification::Port { port, key, packet }) => {
                // SAFETY: likewise the port; the packet's address is handed on as it came.
                unsafe {
                    PostQueuedCompletionStatus(port as HANDLE, 0, key, ptr::without_provenance(packet))
                };
            }
            None => {}
        }
    }

    fn notify(&mut self) -> i32 {
        let Some(notification) = &self.notification else { return WSAEINVAL };
        if self.armed {
            return WSAEALREADY;
        }
        if let Notification::Event { event, reset: true } = notification {
            // SAFETY: whoever made the queue keeps the event open as long as it.
            unsafe { ResetEvent(*event as HANDLE) };
        }
        self.armed = true;
        if self.results.iter().any(|entry| entry.notifies) {
            self.fire();
        }
        0
    }
}

/// Results that there is room for from the beginning.
const ROOM: u32 = 1 << 12;

fn is_size(size: u32) -> bool {
    (1..=RIO_MAX_CQ_SIZE).contains(&size)
}

pub(super) unsafe extern "system" fn create(size: u32, wanted: *const RIO_NOTIFICATION_COMPLETION) -> RIO_CQ {
    // SAFETY: null, or a structure that the caller keeps for the call.
    let notification = match unsafe { wanted.as_ref() } {
        None => None,
        Some(wanted) if wanted.Type == RIO_EVENT_COMPLETION => {
            // SAFETY: the type says which of the two it is.
            let event = unsafe { wanted.Anonymous.Event };
            Some(Notification::Event { event: event.EventHandle as usize, reset: event.NotifyReset != 0 })
        }
        Some(wanted) if wanted.Type == RIO_IOCP_COMPLETION => {
            // SAFETY: the type says which of the two it is.
            let port = unsafe { wanted.Anonymous.Iocp };
            let (key, packet) = (port.CompletionKey as usize, port.Overlapped as usize);
            if packet == 0 {
                return fail(WSAEINVAL, 0);
            }
            Some(Notification::Port { port: port.IocpHandle as usize, key, packet })
        }
        Some(_) => return fail(WSAEINVAL, 0),
    };
    if !is_size(size) {
        return fail(WSAEINVAL, 0);
    }
    let mut world = world();
    let name = world.name();
    let results = VecDeque::with_capacity(size.min(ROOM) as usize);
    world
        .completion_queues
        .insert(name, CompletionQueue { size, reserved: 0, results, notification, armed: false });
    name
}

pub(super) unsafe extern "system" fn close(name: RIO_CQ) {
    let mut world = world();
    let Some(queue) = world.completion_queues.remove(&name) else { return };
    for entry in queue.results {
        if let Some(requests) = world.request_queues.get_mut(&entry.queue) {
            requests.side_mut(entry.direction).outstanding -= 1;
        }
        world.retire_if_over(entry.queue);
    }
}

pub(super) unsafe extern "system" fn resize(name: RIO_CQ, size: u32) -> BOOL {
    let mut world = world();
    let Some(queue) = world.completion_queues.get_mut(&name) else { return fail(WSAEINVAL, 0) };
    if !is_size(size) {
        return fail(WSAEINVAL, 0);
    }
    if size < queue.reserved {
        return fail(WSAETOOMANYREFS, 0);
    }
    queue.size = size;
    1
}

pub(super) unsafe extern "system" fn notify(name: RIO_CQ) -> i32 {
    world().completion_queues.get_mut(&name).map_or(WSAEINVAL, CompletionQueue::notify)
}

pub(super) unsafe extern "system" fn dequeue(name: RIO_CQ, room: *mut RIORESULT, most: u32) -> u32 {
    let mut world = world();
    let mut count = 0;
    while count < most {
        let Some(queue) = world.completion_queues.get_mut(&name) else { return RIO_CORRUPT_CQ };
        let Some(entry) = queue.results.pop_front() else { break };
        // SAFETY: the caller's array has room for `most`, and `count` is below that.
        unsafe { room.add(count as usize).write(entry.result) };
        count += 1;
        // Here the place in the request queue is free again, and not before.
        if let Some(requests) = world.request_queues.get_mut(&entry.queue) {
            requests.side_mut(entry.direction).outstanding -= 1;
        }
        world.retire_if_over(entry.queue);
    }
    count
}
