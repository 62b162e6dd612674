//! Receives of datagrams: slices that the kernel takes in post order, and the one request that fills them.
//!
//! ```text
//!   posted         [ r0  r1  r2  r3  r4 ]
//!                    │   │   │
//!   provided       [ s0  s1  s2 ]              as many as the ring has room for, and all of one shape
//!                    ▲
//!   multishot ───────┘ payload only, or with address and control data in the headroom of each
//! ```
//!
//! Where the shape changes the ring starts over: what was written to it is taken back, and written anew.

use std::io;

use io_uring::{opcode, types};

use super::{Mode, Socket};
use crate::backend::contract::ReceiveSide;
use crate::backend::uring::buffer_ring::BufferRing;
use crate::backend::uring::kernel::Kernel;
use crate::memory;

impl Socket {
    /// The group id of its buffer ring.
    fn group(&self) -> u16 {
        self.ring_id.unwrap_or_default()
    }

    /// Creates and registers the buffer ring for a receive side of `limit` requests.
    pub(in super::super) fn register(&mut self, kernel: &mut Kernel, limit: u32) -> io::Result<()> {
        let buffers = BufferRing::new(limit)?;
        kernel.count_call();
        // SAFETY: the ring's memory stays mapped until `unregister`, which comes before it is dropped.
        unsafe {
            kernel.ring().submitter().register_buf_ring_with_flags(
                buffers.address(),
                buffers.count() as u16,
                self.group(),
                0,
            )?;
        }
        self.buffers = Some(buffers);
        Ok(())
    }

    /// Takes the buffer ring from the kernel and frees it. Only when nothing is armed. A ring that cannot
    /// be unregistered is left mapped, and its id to it.
    pub(in super::super) fn unregister(&mut self, kernel: &mut Kernel) {
        let Some(buffers) = self.buffers.take() else { return };
        kernel.count_call();
        if kernel.ring().submitter().unregister_buf_ring(self.group()).is_err() {
            buffers.leak();
            self.ring_id = None;
        }
    }

    /// The mode that the posted receives ask for.
    pub(super) fn wanted_mode(&self, side: &ReceiveSide) -> Mode {
        let wanted = match side {
            ReceiveSide { vectored: true, .. } => Mode::Calls,
            ReceiveSide { addresses: true, .. } => Mode::Message,
            _ if self.met_empty => Mode::Message,
            _ => Mode::Payload,
        };
        wanted.max(self.mode)
    }

    /// Starts over in another mode, with the ring as long as the limit asks for.
    pub(super) fn change_mode(
        &mut self,
        kernel: &mut Kernel,
        mode: Mode,
        side: &ReceiveSide,
    ) -> io::Result<()> {
        self.mode = mode;
        if let Some(buffers) = self.buffers.as_mut() {
            buffers.retract();
        }
        match mode {
            Mode::Calls => self.unregister(kernel),
            _ if self.buffers.is_none() => self.register(kernel, side.limit)?,
            _ => {}
        }
        Ok(())
    }

    /// Writes the posted receives to the ring, as far as it has room.
    pub(super) fn fill(&mut self, side: &mut ReceiveSide) {
        let Some(buffers) = self.buffers.as_mut() else { return };
        let published = buffers.published();
        let room = (buffers.count() - published) as usize;
        if room == 0 || side.posted.len() <= published as usize {
            return;
        }
        for request in side.posted.iter_from(published as usize).take(room) {
            let Some(buffer) = &request.slice else {
                side.vectored = true;
                break;
            };
            let capacity = buffer.capacity() as u32;
            if self.mode == Mode::Payload {
                buffers.write(buffer.payload_ptr(), capacity);
                continue;
            }
            match buffer.contiguous_headroom() {
                Some(headroom) if headroom == self.headroom || buffers.published() == 0 && !self.armed => {
                    self.headroom = headroom;
                    let start = buffer.payload_ptr().wrapping_sub(headroom as usize);
                    buffers.write(start, capacity + headroom);
                }
                _ => {
                    side.vectored = true;
                    break;
                }
            }
        }
        buffers.store_tail();
    }

    /// Queues the multishot receive.
    pub(super) fn arm_multishot(&mut self, kernel: &mut Kernel) -> io::Result<()> {
        let descriptor = types::Fd(self.descriptor);
        let entry = if self.mode == Mode::Payload {
            // MSG_TRUNC: the result is the length of the datagram even where the slice is shorter.
            opcode::RecvMulti::new(descriptor, self.group()).flags(libc::MSG_TRUNC).build()
        } else {
            let control = (self.headroom as usize).saturating_sub(memory::CONTROL_OFFSET);
            let Some(message) = self.message.as_mut() else { return Ok(()) };
            message.msg_namelen = memory::NAME_LEN as _;
            message.msg_controllen = control as _;
            opcode::RecvMsgMulti::new(descriptor, &**message, self.group()).build()
        };
        self.push(kernel, entry)
    }
}
