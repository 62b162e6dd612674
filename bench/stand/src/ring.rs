//! One ring with one multishot receive, as small as it can be.

use std::io;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::time::Duration;

use crate::provided::Provided;
use io_uring::types::{Fixed, SubmitArgs};
use io_uring::{Builder, IoUring, cqueue, opcode};

use crate::Failure;
use crate::slices::{Arrived, Room, Slices};

const GROUP: u16 = 0;
/// What cancellations are known by; receives are numbered from here.
const CANCELLATION: u64 = 0;

/// The ring is the first field: it is closed before the header is freed.
pub struct Ring {
    ring: IoUring,
    provided: Provided,
    room: Room,
    header: Box<libc::msghdr>,
    /// Slices that the kernel can fill.
    free: usize,
    /// The number of the last receive, and whether it goes on.
    receive: u64,
    armed: bool,
}

// SAFETY: the header points at nothing, and only calls that borrow the ring mutably use it.
unsafe impl Send for Ring {}

impl Ring {
    /// A ring with `slices` slices for datagrams, a power of two, over the flags that were set. The flags of one thread
    /// must be set by that thread.
    pub fn new(socket: &UdpSocket, slices: u16, builder: &mut Builder) -> Result<Ring, Failure> {
        Ring::with_room(socket, slices, Room::Datagram, builder)
    }

    /// The same, with slices for whatever the socket hands over.
    pub fn with_room(
        socket: &UdpSocket,
        slices: u16,
        room: Room,
        builder: &mut Builder,
    ) -> Result<Ring, Failure> {
        let ring = builder.setup_cqsize(2 * u32::from(slices)).build(8)?;
        ring.submitter().register_files(&[socket.as_raw_fd()])?;
        let provided = Provided::new(slices, room.stride())?;
        // SAFETY: the entries live until the process ends.
        unsafe { ring.submitter().register_buf_ring_with_flags(provided.address(), slices, GROUP, 0)? };
        let header = Box::new(room.header());
        Ok(Ring {
            ring,
            provided,
            room,
            header,
            free: usize::from(slices),
            receive: CANCELLATION,
            armed: false,
        })
    }

    pub fn slices(&self) -> Slices {
        Slices::of(&self.provided, self.room)
    }

    /// Whether the kernel has slices to fill.
    pub fn has_free(&self) -> bool {
        self.free > 0
    }

    /// Whether the receive goes on.
    pub fn is_armed(&self) -> bool {
        self.armed
    }

    /// Begins to receive, with the next submission.
    pub fn arm(&mut self) -> Result<(), Failure> {
        self.receive += 1;
        self.armed = true;
        let entry = opcode::RecvMsgMulti::new(Fixed(0), &*self.header, GROUP).build().user_data(self.receive);
        // SAFETY: slices live until the process ends, and the header as long as the ring.
        unsafe { self.ring.submission().push(&entry)? };
        Ok(())
    }

    /// Ends the receive, with the next submission. What came before that still arrives.
    pub fn cancel(&mut self) -> Result<(), Failure> {
        let entry = opcode::AsyncCancel::new(self.receive).build().user_data(CANCELLATION);
        // SAFETY: nothing is pointed at.
        unsafe { self.ring.submission().push(&entry)? };
        Ok(())
    }

    /// Hands slices back to the kernel, all of them.
    pub fn give_back(&mut self, ids: &mut Vec<u16>) {
        self.free += ids.len();
        self.provided.give(ids.drain(..));
    }

    /// Submits what was asked for, without a wait.
    pub fn submit(&self) -> io::Result<()> {
        self.ring.submit().map(|_| ())
    }

    /// Submits and sleeps until one completion is there, or for `gather` at least unless there are `want`.
    pub fn wait(&self, want: usize, gather: Option<Duration>) -> io::Result<()> {
        let gather = gather.map_or(0, |gather| gather.as_micros() as u32);
        let waited = self.ring.submitter().submit_with_args(want, &SubmitArgs::new().min_wait_usec(gather));
        match waited {
            Err(error) if !matches!(error.raw_os_error(), Some(libc::EINTR | libc::ETIME)) => Err(error),
            _ => Ok(()),
        }
    }

    /// Takes up to `most` datagrams that are there and appends them.
    pub fn take(&mut self, most: usize, arrived: &mut Vec<Arrived>) {
        let mut left = most;
        let mut completions = self.ring.completion();
        while left > 0
            && let Some(completion) = completions.next()
        {
            // The end of an earlier receive says nothing of this one.
            if completion.user_data() == self.receive && !cqueue::more(completion.flags()) {
                self.armed = false;
            }
            if let Some(id) = cqueue::buffer_select(completion.flags()) {
                arrived.push(Arrived { id, length: completion.result().unsigned_abs() });
                self.free -= 1;
                left -= 1;
            }
        }
    }
}
