//! The shortest loop over the `io-uring` crate: one multishot receive fed by a ring of provided buffers,
//! with the socket and the ring registered.

use std::net::UdpSocket;
use std::os::fd::AsRawFd;

use io_uring::types::{Fixed, RecvMsgOut};
use io_uring::{IoUring, cqueue, opcode};

use super::candidate::{Drain, Names, Patience, consume};
use super::provided::Provided;
use super::registered::Index;
use crate::Failure;

const GROUP: u16 = 0;
/// What a multishot receive takes in one go.
const PASS: usize = 32;

/// See the module. The ring is the first field: it is closed before the memory it uses is unmapped.
pub(super) struct Ring {
    ring: IoUring,
    index: Index,
    names: Names,
    message: Box<libc::msghdr>,
    provided: Provided,
    armed: bool,
    batch: usize,
    _socket: UdpSocket,
}

impl Ring {
    /// Provides `pending` buffers, rounded up to a power of two, and takes about `batch` datagrams at a time.
    pub(super) fn new(
        socket: UdpSocket,
        names: Names,
        pending: usize,
        batch: usize,
    ) -> Result<Ring, Failure> {
        let count = pending.next_power_of_two();
        let ring: IoUring = IoUring::builder()
            .setup_single_issuer()
            .setup_defer_taskrun()
            .setup_taskrun_flag()
            .setup_cqsize(count.max(256) as u32)
            .build(8)?;
        ring.submitter().register_files(&[socket.as_raw_fd()])?;
        let index = Index::register(&ring)?;
        let provided = Provided::new(count)?;
        let (address, count) = (provided.address(), provided.count());
        // SAFETY: the entries stay mapped as long as the ring exists, see the order of the fields.
        unsafe { ring.submitter().register_buf_ring_with_flags(address, count, GROUP, 0)? };
        // SAFETY: msghdr is a plain C structure of integers and pointers; all zeroes is a valid value.
        let mut message: Box<libc::msghdr> = Box::new(unsafe { std::mem::zeroed() });
        message.msg_namelen = size_of::<libc::sockaddr_in>() as libc::socklen_t;
        let mut this = Ring { ring, index, names, message, provided, armed: false, batch, _socket: socket };
        this.arm()?;
        this.index.enter(1, 0)?;
        Ok(this)
    }

    fn arm(&mut self) -> Result<(), Failure> {
        let entry = match self.names {
            Names::Wanted => opcode::RecvMsgMulti::new(Fixed(0), &*self.message, GROUP).build(),
            Names::Known => opcode::RecvMulti::new(Fixed(0), GROUP).build(),
        };
        // SAFETY: the header is boxed and, like the buffers, outlives the ring.
        unsafe { self.ring.submission().push(&entry)? };
        self.armed = true;
        Ok(())
    }

    /// Takes what is in the completion queue.
    #[inline(always)]
    fn reap(&mut self) -> usize {
        let mut found = 0;
        for entry in self.ring.completion() {
            self.armed &= cqueue::more(entry.flags());
            let Some(id) = cqueue::buffer_select(entry.flags()) else { continue };
            let (buffer, length) = (self.provided.buffer(id), entry.result() as usize);
            match self.names {
                Names::Known => consume(0, 0, buffer, length),
                Names::Wanted => see_message(buffer, length, &self.message),
            }
            self.provided.provide(id);
            found += 1;
        }
        if found > 0 {
            self.provided.show();
        }
        found
    }
}

/// Looks at a datagram behind its header and address.
#[inline(always)]
fn see_message(buffer: *const u8, length: usize, header: &libc::msghdr) {
    // SAFETY: the kernel gave this buffer back with `length` bytes written to it.
    let bytes = unsafe { std::slice::from_raw_parts(buffer, length) };
    let Ok(message) = RecvMsgOut::parse(bytes, header) else { return };
    // SAFETY: the kernel wrote a whole IPv4 address, since the socket has no other family; it lies at an
    // offset of 16 in an aligned buffer.
    let name = unsafe { &*message.name_data().as_ptr().cast::<libc::sockaddr_in>() };
    let payload = message.payload_data();
    consume(u16::from_be(name.sin_port), u32::from_be(name.sin_addr.s_addr), payload.as_ptr(), payload.len());
}

impl Drain for Ring {
    fn drain(&mut self, want: usize) -> Result<(), Failure> {
        let mut left = want;
        let mut patience = Patience::default();
        loop {
            let found = self.reap();
            patience.look(found)?;
            left -= found.min(left);
            if left == 0 {
                return Ok(());
            }
            if !self.armed {
                self.arm()?;
            }
            let queue = self.ring.submission();
            let (queued, work) = (queue.len() as u32, queue.taskrun());
            drop(queue);
            if queued > 0 || work {
                self.index.enter(queued, 0)?;
            }
            // The library's way to wait: a full pass shows a backlog, and one more call takes the rest of a
            // batch of it.
            let there = self.ring.completion().len();
            let passes = self.batch.saturating_sub(there) / PASS;
            if there >= PASS && passes > 0 && self.ring.submission().taskrun() {
                self.index.enter(0, passes as u32)?;
            }
        }
    }
}
