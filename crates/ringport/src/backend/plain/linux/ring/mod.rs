//! The drive over io_uring: operations that have to wait are handed to one thread, which owns the ring.
//!
//! ```text
//!   want, stop ─► inbox ─► driver thread ─► submission entries ─► kernel
//!                             │ ▲                                   │
//!        Outlet ◄─────────────┘ └────────── completion entries ◄────┘
//! ```
//!
//! One thread, because the kernel does its part of a request on the thread that submitted it, and a ring that is
//! set up for one submitter is the cheapest. Of a socket one receive is in the kernel at a time: each that waits
//! there would be woken by every datagram.

mod driver;
mod failing;
mod flight;
mod judge;

use std::io;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{Builder, JoinHandle};

use self::driver::Driver;
use super::slot::{State, Subject};
use super::table::{Place, Table};
use super::{Drive, Outlet};
use crate::backend::plain::{Direction, Outcome};
use crate::backend::sys::event::EventDescriptor;

/// What the driver is asked to do.
#[derive(Clone, Copy, Debug)]
enum Command {
    /// An operation of this direction is pending.
    Want(Place, Direction),
    /// End this one.
    Stop(Place, u64),
    /// End the thread, once nothing is in the kernel any more.
    Close,
}

/// What the driver and those that start operations share.
struct Shared {
    table: Arc<Table>,
    outlet: Arc<dyn Outlet>,
    inbox: Mutex<Vec<Command>>,
    /// Told when the inbox was empty and is not any more.
    event: EventDescriptor,
    /// The error that broke the ring, or 0.
    broken: AtomicI32,
}

impl Shared {
    fn push(&self, command: Command) {
        let mut inbox = self.inbox();
        let was_empty = inbox.is_empty();
        inbox.push(command);
        drop(inbox);
        if was_empty {
            // It can only fail when its counter is full, and then the driver was told.
            let _ = self.event.signal();
        }
    }

    fn inbox(&self) -> MutexGuard<'_, Vec<Command>> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails what is pending on a handle, since nothing can go on any more.
    fn fail_pending(&self, state: &mut State, error: i32) {
        state.end_pending(|request| Outcome::failed(error, request), &mut |done| self.outlet.deliver(done));
    }
}

/// See the module.
pub(super) struct Ring {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Ring {
    /// Starts the driver. Its ring is made on its own thread, to which it is bound.
    pub(super) fn open(table: Arc<Table>, outlet: Arc<dyn Outlet>) -> io::Result<Ring> {
        let shared = Arc::new(Shared {
            table,
            outlet,
            inbox: Mutex::default(),
            event: EventDescriptor::new()?,
            broken: AtomicI32::new(0),
        });
        let (tell, told) = mpsc::sync_channel(1);
        let theirs = Arc::clone(&shared);
        let thread = Builder::new().name("ringport-driver".to_owned()).spawn(move || {
            let driver = Driver::open(theirs);
            let (driver, opened) = match driver {
                Ok(driver) => (Some(driver), Ok(())),
                Err(error) => (None, Err(error)),
            };
            let _ = tell.send(opened);
            if let Some(driver) = driver {
                driver.run();
            }
        })?;
        told.recv().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))?;
        Ok(Ring { shared, thread: Mutex::new(Some(thread)) })
    }
}

impl Drive for Ring {
    fn attach(&self, _place: Place, _state: &State) -> io::Result<()> {
        match self.shared.broken.load(Ordering::Acquire) {
            0 => Ok(()),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }

    fn want(&self, place: Place, state: &mut State, direction: Direction) {
        // The one that is running looks for the next itself.
        if state.subject() != Some(Subject::File) && !state.lane(direction).running.is_empty() {
            return;
        }
        self.shared.push(Command::Want(place, direction));
        // After the push: the driver looks at the inbox once more after it set this.
        match self.shared.broken.load(Ordering::SeqCst) {
            0 => {}
            error => self.shared.fail_pending(state, error),
        }
    }

    fn stop(&self, place: Place, number: u64) {
        self.shared.push(Command::Stop(place, number));
    }

    fn detach(&self, _state: &mut State) {
        // Nothing of it is in the kernel, or it would be running.
    }

    fn close(&self) {
        self.shared.push(Command::Close);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}
