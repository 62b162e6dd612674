//! What the queue room asks of this backend.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use super::descriptor::OuterDescriptor;
use super::{EDGE, EpollBackend, READ, Socket, WAKE, WRITE};
use crate::backend::BackendKind;
use crate::backend::contract::{AttachError, Attachment, Completion, Contract, Effort, Table};
use crate::backend::sys::epoll;
use crate::backend::sys::event::{EventDescriptor, OwnedEvent};

impl Contract for EpollBackend {
    fn kind(&self) -> BackendKind {
        BackendKind::Epoll
    }

    fn lookahead(&self) -> usize {
        // A call for one datagram costs as much as for a batch. Of streams each has its own call, and a slice that is
        // handled while it is in the processor's cache is cheaper than one of many that wait.
        if self.streams > 0 { 8 } else { 64 }
    }

    fn attach(&mut self, key: u32, attachment: &mut Attachment) -> Result<(), AttachError> {
        if self.sockets.len() <= key as usize {
            self.sockets.resize(key as usize + 1, None);
            self.make_room();
        }
        self.calls += 1;
        let is_stream = attachment.socket.is_stream();
        let more = if is_stream { WRITE | libc::EPOLLRDHUP as epoll::Flags } else { 0 };
        self.epoll.add(attachment.socket.as_fd(), READ | EDGE | more, u64::from(key))?;
        let receives = attachment.receive.is_some();
        if receives {
            self.receivers.add(key);
        }
        self.streams += usize::from(is_stream);
        if let Some(place) = self.sockets.get_mut(key as usize) {
            *place = Some(Socket { receives, always_watches_write: is_stream, ..Socket::default() });
        }
        Ok(())
    }

    fn publish(&mut self, key: u32, attachment: &mut Attachment) -> io::Result<()> {
        if self.socket_mut(key).is_some_and(|socket| socket.readable && !socket.dry)
            && attachment.receive.as_ref().is_some_and(|side| !side.posted.is_empty())
        {
            self.readable.add(key);
        }
        Ok(())
    }

    fn flush(&mut self, key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>) {
        self.send(key, attachment, out, usize::MAX);
    }

    fn reap(&mut self, table: &mut Table, out: &mut Vec<Completion>, max: usize, effort: Effort) -> usize {
        let before = out.len();
        let limit = before.saturating_add(max);
        if effort == Effort::Memory {
            return 0;
        }
        if effort == Effort::Kernel
            && self.readable.is_empty()
            && let Some(key) = self.alone()
        {
            if let Some(attachment) = table.get_mut(key)
                && self.socket_mut(key).is_some_and(|socket| !socket.dry)
            {
                self.receive_from(key, attachment, out, limit);
            }
            return out.len() - before;
        }
        self.serve(table, out, limit);
        if effort == Effort::Kernel && out.len() == before && self.has_others() {
            // What is known brought nothing: it may have no receives posted. An error of this call shows
            // again in the next wait, which reports it.
            let _ = self.poll(Some(Duration::ZERO));
            self.serve(table, out, limit);
        }
        while self.more && out.len() < limit {
            let _ = self.poll(Some(Duration::ZERO));
            self.serve(table, out, limit);
        }
        out.len() - before
    }

    fn wait(&mut self, _table: &mut Table, time: Option<Duration>, gather: Duration) -> io::Result<()> {
        if !self.writable.is_empty() || !self.readable.is_empty() {
            // Their edge has passed, so nothing would end the sleep.
            return Ok(());
        }
        if !gather.is_zero() {
            return self.gather(gather);
        }
        self.poll(time)
    }

    fn quiesce(&mut self, key: u32, _table: &mut Table, _out: &mut Vec<Completion>) -> io::Result<()> {
        // Nothing is in the kernel between two calls. What is posted later may need no slice of the pool.
        self.forget_dry(key);
        Ok(())
    }

    fn resume(&mut self, _key: u32) {}

    fn detach(&mut self, key: u32, attachment: &mut Attachment) {
        self.calls += 1;
        // It fails only for a socket that is not watched, and then nothing is left to do.
        let _ = self.epoll.delete(attachment.socket.as_fd());
        self.readable.remove(key);
        self.writable.remove(key);
        self.forget_dry(key);
        let Some(socket) = self.sockets.get_mut(key as usize).and_then(Option::take) else { return };
        self.receivers.remove(key);
        self.streams -= usize::from(socket.always_watches_write);
        self.watching -= usize::from(socket.watching_write);
    }

    fn dry(&self) -> &[u32] {
        &self.dry
    }

    fn replenished(&mut self, _table: &mut Table) {
        for key in self.dry.drain(..) {
            if let Some(socket) = self.sockets.get_mut(key as usize).and_then(Option::as_mut) {
                socket.dry = false;
            }
            self.readable.add(key);
        }
    }

    fn watch_wake(&mut self, wake: &EventDescriptor) -> io::Result<()> {
        self.calls += 1;
        self.epoll.add(wake.as_fd(), READ | EDGE, WAKE)
    }

    fn descriptor(&mut self, event: &EventDescriptor) -> io::Result<Option<OwnedEvent>> {
        self.calls += 3;
        let outer = OuterDescriptor::new(&self.epoll, event.as_fd())?;
        let duplicate = outer.duplicate()?;
        self.outer = Some(outer);
        Ok(Some(duplicate))
    }

    fn arm_descriptor(&mut self, armed: bool) -> io::Result<()> {
        self.calls += 1;
        self.outer.as_ref().map_or(Ok(()), |outer| outer.arm(&self.epoll, armed))
    }

    fn count_call(&mut self) {
        self.calls += 1;
    }

    fn system_calls(&self) -> u64 {
        self.calls
    }

    fn fault(&self) -> Option<i32> {
        None
    }
}
