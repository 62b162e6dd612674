//! Handles and their port: the system keeps them together until the handle is closed.

use std::collections::HashMap;
use std::io;
use std::os::windows::io::{AsHandle, AsRawSocket, AsSocket, OwnedSocket, RawSocket};
use std::sync::{Arc, MutexGuard, PoisonError, Weak};

use super::super::iocp::Iocp;
use super::engine::{Engine, Place};
use super::handle::{Descriptor, Holding};
use super::slot::Slot;
use super::{ASSOCIATED, file};

/// How many handles there are before those that are closed are looked for.
const FIRST_SWEEP: usize = 64;

/// The handles of a port.
#[derive(Debug, Default)]
pub(super) struct Handles {
    pub(super) slots: Vec<Weak<Slot>>,
    /// Sockets of the port that are open. The system keeps a socket with its port, so it takes no second association.
    sockets: HashMap<RawSocket, Weak<OwnedSocket>>,
    /// With so many slots, or so many sockets, those that are closed are forgotten.
    sweep_at: usize,
    pub(super) closed: bool,
}

impl Engine {
    /// Takes on a handle. `None` when the engine is closed.
    pub(crate) fn attach(&self, mut holding: Holding) -> io::Result<Option<Place>> {
        let mut handles = self.handles();
        if handles.closed {
            return Ok(None);
        }
        let is_known = match &mut holding.descriptor {
            Descriptor::File(file) => {
                match self.port.associate_handle(file.as_handle(), 0) {
                    // Or it was not opened for this, as those of the standard library are not.
                    Err(error) if is_associated(&error) => {
                        *file = Arc::new(file::reopen(file.as_handle())?);
                        self.port.associate_handle(file.as_handle(), 0)?;
                    }
                    result => result?,
                }
                false
            }
            Descriptor::Udp(socket) => handles.associate(&self.port, socket.shared())?,
            Descriptor::Owned(socket) => self.port.associate_socket(socket.as_socket(), 0).map(|()| false)?,
        };
        let slot = Arc::new(Slot::new(holding, Arc::clone(&self.nodes)));
        if is_known {
            slot.skip_on_success();
        }
        handles.add(&slot);
        Ok(Some(Place(slot)))
    }

    pub(super) fn handles(&self) -> MutexGuard<'_, Handles> {
        self.handles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handles {
    /// Associates a socket with the port; whether it was this port's before. What the system was told of it then holds
    /// still: it may send no packets for what is done at once.
    fn associate(&mut self, port: &Iocp, socket: &Arc<OwnedSocket>) -> io::Result<bool> {
        let number = socket.as_raw_socket();
        match port.associate_socket(socket.as_socket(), 0) {
            Err(error) if is_associated(&error) => {
                // The weak one is of the same socket only if that was never closed, for else its memory is another's.
                let known = self.sockets.get(&number);
                let is_known = known.is_some_and(|known| known.as_ptr() == Arc::as_ptr(socket));
                if is_known { Ok(true) } else { Err(error) }
            }
            Err(error) => Err(error),
            Ok(()) => {
                self.sockets.insert(number, Arc::downgrade(socket));
                Ok(false)
            }
        }
    }

    fn add(&mut self, slot: &Arc<Slot>) {
        if self.slots.len().max(self.sockets.len()) >= self.sweep_at {
            self.slots.retain(|slot| slot.strong_count() > 0);
            self.sockets.retain(|_, socket| socket.strong_count() > 0);
            self.sweep_at = FIRST_SWEEP.max(2 * self.slots.len().max(self.sockets.len()));
        }
        self.slots.push(Arc::downgrade(slot));
    }
}

fn is_associated(error: &io::Error) -> bool {
    error.raw_os_error() == Some(ASSOCIATED)
}
