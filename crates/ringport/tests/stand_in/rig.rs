//! What each test of the table needs: memory, queues, sockets, and calls that are safe to make in a test.

use std::ffi::c_void;
use std::net::UdpSocket;
use std::os::windows::io::AsRawSocket;
use std::ptr;
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::Networking::WinSock::{
    RIO_BUF, RIO_BUFFERID, RIO_CQ, RIO_EXTENSION_FUNCTION_TABLE, RIO_NOTIFICATION_COMPLETION, RIO_RQ,
    RIORESULT, SOCKET, WSAGetLastError,
};
use windows_sys::Win32::System::Threading::{CreateEventW, ResetEvent, WaitForSingleObject};

use super::table::table;

/// The longest that anything may take.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn last_error() -> i32 {
    // SAFETY: reads a value of this thread.
    unsafe { WSAGetLastError() }
}

/// Registered memory that lives as long as the process, so that no test can free it too early.
pub(crate) struct Memory {
    pub(crate) id: RIO_BUFFERID,
    bytes: *mut u8,
}

impl Memory {
    pub(crate) fn new(length: usize) -> Memory {
        let bytes = Box::leak(vec![0_u64; length.div_ceil(8)].into_boxed_slice()).as_mut_ptr().cast();
        // SAFETY: the memory was just made and stays.
        let id = unsafe { table().RIORegisterBuffer.unwrap()(bytes, length as u32) };
        assert_ne!(id, 0xFFFF_FFFF);
        Memory { id, bytes }
    }

    pub(crate) fn slice(&self, offset: u32, length: u32) -> RIO_BUF {
        RIO_BUF { BufferId: self.id, Offset: offset, Length: length }
    }

    pub(crate) fn write(&self, offset: usize, bytes: &[u8]) {
        // SAFETY: tests write inside what they made, and nothing is in flight there.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.bytes.add(offset), bytes.len()) };
    }

    pub(crate) fn read(&self, offset: usize, length: usize) -> Vec<u8> {
        // SAFETY: tests read inside what they made, and nothing is in flight there.
        unsafe { std::slice::from_raw_parts(self.bytes.add(offset), length).to_vec() }
    }

    pub(crate) fn deregister(&self) {
        // SAFETY: a name; nothing is written.
        unsafe { table().RIODeregisterBuffer.unwrap()(self.id) };
    }
}

/// A completion queue that closes itself.
pub(crate) struct Queue(pub(crate) RIO_CQ);

impl Queue {
    pub(crate) fn polled(size: u32) -> Queue {
        Queue::with(size, ptr::null()).unwrap()
    }

    pub(crate) fn with(size: u32, notification: *const RIO_NOTIFICATION_COMPLETION) -> Result<Queue, i32> {
        // SAFETY: null, or the structure of a test.
        let name = unsafe { table().RIOCreateCompletionQueue.unwrap()(size, notification) };
        if name == 0 { Err(last_error()) } else { Ok(Queue(name)) }
    }

    pub(crate) fn notify(&self) -> i32 {
        // SAFETY: the queue is open.
        unsafe { table().RIONotify.unwrap()(self.0) }
    }

    pub(crate) fn resize(&self, size: u32) -> Result<(), i32> {
        // SAFETY: the queue is open, and one thread uses it.
        ok(unsafe { table().RIOResizeCompletionQueue.unwrap()(self.0, size) })
    }

    /// What is there now, at most so much.
    pub(crate) fn now(&self, most: usize) -> Vec<RIORESULT> {
        let mut room = vec![RIORESULT::default(); most];
        // SAFETY: the array has that many places.
        let count = unsafe { table().RIODequeueCompletion.unwrap()(self.0, room.as_mut_ptr(), most as u32) };
        room.truncate(count as usize);
        room
    }

    /// Waits for so many results.
    pub(crate) fn take(&self, count: usize) -> Vec<RIORESULT> {
        let (mut all, until) = (Vec::new(), Instant::now() + PATIENCE);
        while all.len() < count {
            assert!(Instant::now() < until, "{} of {count} results came", all.len());
            all.extend(self.now(count - all.len()));
            std::thread::yield_now();
        }
        all
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: the queue is open, and closed once.
        unsafe { table().RIOCloseCompletionQueue.unwrap()(self.0) };
    }
}

/// The functions themselves, for what tests do wrong on purpose.
pub(crate) fn functions() -> RIO_EXTENSION_FUNCTION_TABLE {
    table()
}

pub(crate) fn ok(result: i32) -> Result<(), i32> {
    if result == 0 { Err(last_error()) } else { Ok(()) }
}

/// A request queue of `receives` and `sends`, both to one completion queue.
pub(crate) fn attach(
    socket: &impl AsRawSocket,
    queue: &Queue,
    receives: u32,
    sends: u32,
) -> Result<RIO_RQ, i32> {
    let create = table().RIOCreateRequestQueue.unwrap();
    let socket = socket.as_raw_socket() as SOCKET;
    // SAFETY: the context is a number.
    let name = unsafe { create(socket, receives, 1, sends, 1, queue.0, queue.0, context(77)) };
    if name == 0 { Err(last_error()) } else { Ok(name) }
}

pub(crate) fn context(number: usize) -> *const c_void {
    ptr::without_provenance(number)
}

pub(crate) fn receive(queue: RIO_RQ, data: RIO_BUF, flags: u32, number: usize) -> Result<(), i32> {
    // SAFETY: the memory of tests stays for good.
    ok(unsafe { table().RIOReceive.unwrap()(queue, &data, 1, flags, context(number)) })
}

pub(crate) fn send(queue: RIO_RQ, data: RIO_BUF, flags: u32, number: usize) -> Result<(), i32> {
    // SAFETY: the memory of tests stays for good.
    ok(unsafe { table().RIOSend.unwrap()(queue, &data, 1, flags, context(number)) })
}

pub(crate) fn commit_sends(queue: RIO_RQ) -> Result<(), i32> {
    // SAFETY: a commit names no memory.
    ok(unsafe { table().RIOSend.unwrap()(queue, ptr::null(), 0, 8, ptr::null()) })
}

/// Two sockets of loopback, connected to each other.
pub(crate) fn pair() -> (UdpSocket, UdpSocket) {
    let (left, right) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    left.connect(right.local_addr().unwrap()).unwrap();
    right.connect(left.local_addr().unwrap()).unwrap();
    (left, right)
}

/// An event that stays set until it is reset.
pub(crate) struct Event(pub(crate) HANDLE);

impl Event {
    pub(crate) fn new() -> Event {
        // SAFETY: no security and no name.
        Event(unsafe { CreateEventW(ptr::null(), 1, 0, ptr::null()) })
    }

    pub(crate) fn is_set(&self) -> bool {
        // SAFETY: the event is open for good.
        unsafe { WaitForSingleObject(self.0, 0) == 0 }
    }

    pub(crate) fn wait(&self) -> bool {
        // SAFETY: the event is open for good.
        unsafe { WaitForSingleObject(self.0, PATIENCE.as_millis() as u32) == 0 }
    }

    pub(crate) fn reset(&self) {
        // SAFETY: the event is open for good.
        unsafe { ResetEvent(self.0) };
    }
}
