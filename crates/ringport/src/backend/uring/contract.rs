//! What the queue room asks of this backend.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use super::Uring;
use super::buffer_ring::BufferRing;
use super::kernel::SHORT;
use super::ring_ids::MOST_RINGS;
use super::socket::{Mode, Socket};
use crate::backend::BackendKind;
use crate::backend::contract::{AttachError, Attachment, Completion, Contract, Effort, Table};
use crate::backend::sys::event::{EventDescriptor, OwnedEvent};

impl Contract for Uring {
    fn kind(&self) -> BackendKind {
        BackendKind::Uring
    }

    fn lookahead(&self) -> usize {
        1
    }

    fn attach(&mut self, key: u32, attachment: &mut Attachment) -> Result<(), AttachError> {
        let is_datagram = attachment.socket.is_datagram();
        if self.sockets.len() <= key as usize {
            if self.sockets.capacity() <= key as usize {
                // By a part, as the table of the attachments does.
                let more = key as usize + 1 - self.sockets.len();
                self.sockets.reserve_exact(more + self.sockets.len() / 8);
            }
            self.sockets.resize_with(key as usize + 1, || None);
            self.make_room();
        }
        let mut socket = Socket::new(&attachment.socket, key);
        socket.only_receives = attachment.send.is_none();
        if let Some(side) = attachment.receive.as_ref().filter(|_| is_datagram) {
            let id = self.ring_ids.take().ok_or(AttachError::Full(MOST_RINGS))?;
            socket.ring_id = Some(id);
            if let Err(error) = socket.register(&mut self.kernel, side.limit) {
                self.ring_ids.put(id);
                return Err(match error.raw_os_error() {
                    Some(libc::ENOMEM) => AttachError::Locked(BufferRing::bytes_for(side.limit)),
                    _ => AttachError::System(error),
                });
            }
        }
        if let Some(place) = self.sockets.get_mut(key as usize) {
            *place = Some(socket);
        }
        Ok(())
    }

    fn publish(&mut self, key: u32, attachment: &mut Attachment) -> io::Result<()> {
        let Some(side) = attachment.receive.as_mut() else { return Ok(()) };
        let Some(socket) = self.sockets.get_mut(key as usize).and_then(Option::as_mut) else { return Ok(()) };
        if socket.mode == Mode::Calls && socket.readable {
            if !side.posted.is_empty() && !self.dry.contains(&key) {
                self.readable.add(key);
            }
            return Ok(());
        }
        socket.publish(&mut self.kernel, &mut self.groups, side)
    }

    fn flush(&mut self, key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>) {
        self.send(key, attachment, out, usize::MAX);
    }

    fn reap(&mut self, table: &mut Table, out: &mut Vec<Completion>, max: usize, effort: Effort) -> usize {
        let before = out.len();
        let limit = before.saturating_add(max);
        let mut short = false;
        loop {
            self.drain(table, out, limit);
            if out.len() >= limit || effort == Effort::Memory {
                break;
            }
            if !self.readable.is_empty() {
                if self.is_turn_of_others() && self.kernel.enter(0).is_ok() {
                    self.drain(table, out, limit);
                }
                self.receive_by_calls(table, out, limit);
                if out.len() >= limit {
                    break;
                }
                if !self.readable.is_empty() {
                    continue;
                }
            }
            if short || !self.kernel.has_work() || self.kernel.run_deferred(limit - out.len()).is_err() {
                break;
            }
            short = self.kernel.completed() < SHORT;
        }
        out.len() - before
    }

    fn wait(&mut self, _table: &mut Table, time: Option<Duration>, gather: Duration) -> io::Result<()> {
        if !self.readable.is_empty() || !self.writable.is_empty() || !self.spilled.is_empty() {
            // No poll is armed on a socket that is known to be ready, so nothing would end the sleep.
            return Ok(());
        }
        self.kernel.sleep(time, gather)
    }

    fn quiesce(&mut self, key: u32, table: &mut Table, out: &mut Vec<Completion>) -> io::Result<()> {
        let ended = self.end(key, table, out);
        self.writable.remove(key);
        // What is posted later may need no slice of the pool.
        self.dry.retain(|dry| *dry != key);
        ended
    }

    fn resume(&mut self, key: u32) {
        if let Some(socket) = self.socket_mut(key) {
            socket.quiescing = false;
            socket.buffers.iter_mut().for_each(|buffers| buffers.retract());
        }
    }

    fn detach(&mut self, key: u32, _attachment: &mut Attachment) {
        self.readable.remove(key);
        self.dry.retain(|dry| *dry != key);
        let Some(mut socket) = self.sockets.get_mut(key as usize).and_then(Option::take) else { return };
        if socket.mode != Mode::Calls {
            socket.unregister(&mut self.kernel);
        }
        if let Some(id) = socket.ring_id {
            self.ring_ids.put(id);
        }
        if let Some(group) = socket.group {
            self.groups.leave(&mut self.kernel, group);
        }
    }

    fn watch_wake(&mut self, wake: &EventDescriptor) -> io::Result<()> {
        self.wake = Some(wake.as_fd().as_raw_fd());
        self.arm_wake()
    }

    fn descriptor(&mut self, event: &EventDescriptor) -> io::Result<Option<OwnedEvent>> {
        self.kernel.count_call();
        self.kernel.ring().submitter().register_eventfd(event.as_fd().as_raw_fd())?;
        self.kernel.ring().completion().disable_eventfd();
        Ok(None)
    }

    fn arm_descriptor(&mut self, armed: bool) -> io::Result<()> {
        if armed {
            // What was queued must reach the kernel, or nothing could ever signal the event.
            if self.kernel.has_work() {
                self.kernel.enter(0)?;
            }
            self.kernel.ring().completion().enable_eventfd();
            // The caller looks for completions after this; that look must not move before the store.
            std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
        } else {
            self.kernel.ring().completion().disable_eventfd();
        }
        Ok(())
    }

    fn dry(&self) -> &[u32] {
        &self.dry
    }

    fn replenished(&mut self, _table: &mut Table) {
        for key in self.dry.drain(..) {
            self.readable.add(key);
        }
    }

    fn count_call(&mut self) {
        self.kernel.count_call();
    }

    fn system_calls(&self) -> u64 {
        self.kernel.calls()
    }

    fn fault(&self) -> Option<i32> {
        self.kernel.fault()
    }
}
