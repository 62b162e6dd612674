//! What the queue room asks of this backend.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use super::descriptor::OuterDescriptor;
use super::{EDGE, EpollBackend, READ, Socket, WAKE};
use crate::backend::BackendKind;
use crate::backend::contract::{Attachment, Completion, Contract, Effort, Table};

impl Contract for EpollBackend {
    fn kind(&self) -> BackendKind {
        BackendKind::Epoll
    }

    fn lookahead(&self) -> usize {
        // A call for one datagram costs as much as for a batch.
        64
    }

    fn attach(&mut self, key: u32, attachment: &mut Attachment) -> io::Result<()> {
        if self.sockets.len() <= key as usize {
            self.sockets.resize(key as usize + 1, None);
        }
        self.calls += 1;
        self.epoll.add(attachment.socket.as_fd(), READ | EDGE, u64::from(key))?;
        let receives = attachment.receive.is_some();
        self.receivers += usize::from(receives);
        if let Some(place) = self.sockets.get_mut(key as usize) {
            *place = Some(Socket { receives, ..Socket::default() });
        }
        Ok(())
    }

    fn publish(&mut self, _key: u32, _attachment: &mut Attachment) -> io::Result<()> {
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
        if effort == Effort::Kernel && self.alone() && self.readable == 0 {
            self.receive(table, out, limit, true);
            return out.len() - before;
        }
        self.look_around();
        self.serve(table, out, limit);
        if effort == Effort::Kernel && out.len() == before && !self.alone() {
            // What is known brought nothing: it may have no receives posted. An error of this call shows
            // again in the next wait, which reports it.
            let _ = self.poll(Some(Duration::ZERO));
            self.serve(table, out, limit);
        }
        out.len() - before
    }

    fn wait(&mut self, table: &mut Table, time: Option<Duration>, gather: Duration) -> io::Result<()> {
        // A readable socket without a posted receive must not keep the thread from sleeping.
        let ready = |key: usize, socket: &Option<Socket>| {
            socket.is_some_and(|socket| socket.readable)
                && table
                    .get(key as u32)
                    .and_then(|attachment| attachment.receive.as_ref())
                    .is_some_and(|side| !side.posted.is_empty())
        };
        if self.writable > 0 {
            // Its edge has passed, so nothing would end the sleep.
            return Ok(());
        }
        if self.readable > 0 && self.sockets.iter().enumerate().any(|(key, socket)| ready(key, socket)) {
            return Ok(());
        }
        if !gather.is_zero() {
            return self.gather(gather);
        }
        self.poll(time)
    }

    fn quiesce(&mut self, _key: u32, _table: &mut Table, _out: &mut Vec<Completion>) -> io::Result<()> {
        // Nothing is in the kernel between two calls.
        Ok(())
    }

    fn resume(&mut self, _key: u32) {}

    fn detach(&mut self, key: u32, attachment: &mut Attachment) {
        self.calls += 1;
        // It fails only for a socket that is not watched, and then nothing is left to do.
        let _ = self.epoll.delete(attachment.socket.as_fd());
        self.set_readable(key, false);
        let Some(socket) = self.sockets.get_mut(key as usize).and_then(Option::take) else { return };
        self.receivers -= usize::from(socket.receives);
        self.writable -= usize::from(socket.writable);
        self.watching -= usize::from(socket.watching_write);
    }

    fn watch_wake(&mut self, wake: BorrowedFd<'_>) -> io::Result<()> {
        self.calls += 1;
        self.epoll.add(wake, READ | EDGE, WAKE)
    }

    fn descriptor(&mut self, event: BorrowedFd<'_>) -> io::Result<Option<OwnedFd>> {
        self.calls += 3;
        let outer = OuterDescriptor::new(&self.epoll, event)?;
        let duplicate = outer.duplicate()?;
        self.outer = Some(outer);
        Ok(Some(duplicate))
    }

    fn arm_descriptor(&mut self, armed: bool) -> io::Result<()> {
        self.calls += 1;
        self.outer.as_ref().map_or(Ok(()), |outer| outer.arm(&self.epoll, armed))
    }

    fn system_calls(&self) -> u64 {
        self.calls
    }

    fn fault(&self) -> Option<i32> {
        None
    }
}
