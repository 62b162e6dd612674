//! The thread that watches the port for a program's own poll loop.
//!
//! ```text
//!   port ──packet──► watcher ──► armed: signals the event, once
//!    ▲                  └──────► puts the packet back, for the queue's thread to take
//!    └───────────────────┘       then rests until it is armed again
//! ```
//!
//! There is no event that a port signals. The thread exists only for queues whose event somebody asked for. While it has
//! a packet in hand, the port looks empty; so both it and a look at the port that does not wait are under one lock: who
//! was told by the event finds the packet.

use std::io;
use std::os::windows::io::{AsRawHandle, OwnedHandle};
use std::ptr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use windows_sys::Win32::System::Threading::SetEvent;

use super::super::iocp::Iocp;
use super::keys;

/// See the module.
#[derive(Debug)]
pub(super) struct Watcher {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    port: Arc<Iocp>,
    event: OwnedHandle,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    armed: bool,
    stopped: bool,
}

impl Watcher {
    /// Starts one that signals `event`; it is not armed.
    pub(super) fn start(port: &Arc<Iocp>, event: OwnedHandle) -> io::Result<Watcher> {
        let shared = Arc::new(Shared {
            port: Arc::clone(port),
            event,
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let own = Arc::clone(&shared);
        let thread =
            std::thread::Builder::new().name("ringport-watcher".to_owned()).spawn(move || own.watch())?;
        Ok(Watcher { shared, thread: Some(thread) })
    }

    /// Has it signal the event with the next packet, or not.
    pub(super) fn arm(&self, armed: bool) {
        self.shared.state().armed = armed;
        if armed {
            self.shared.changed.notify_one();
        }
    }

    /// Does something with the port that must not happen while a packet is in the watcher's hand.
    pub(super) fn beside<T>(&self, act: impl FnOnce() -> T) -> T {
        let _state = self.shared.state();
        act()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn watch(&self) {
        loop {
            {
                let mut state = self.state();
                while !state.armed && !state.stopped {
                    state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                if state.stopped {
                    return;
                }
            }
            let Ok(Some(packet)) = self.port.take(None) else { return };
            let mut state = self.state();
            if packet.key == keys::STOP && state.stopped {
                return;
            }
            if std::mem::take(&mut state.armed) && !state.stopped {
                // SAFETY: the event is open.
                unsafe { SetEvent(self.event.as_raw_handle()) };
            }
            // It fails only without memory for a packet; then nothing can be told any more.
            let _ = self.port.post(packet.bytes, packet.key, packet.overlapped);
            if state.stopped {
                return;
            }
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.shared.state().stopped = true;
        self.shared.changed.notify_one();
        // The queue's thread is here, so it takes no packet, and the watcher takes at least this one.
        let _ = self.shared.port.post(0, keys::STOP, ptr::null_mut());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::backend::sys::event::EventDescriptor;

    #[test]
    fn a_packet_in_its_hand_when_it_is_stopped_goes_back() {
        let port = Arc::new(Iocp::new(0).unwrap());
        let event = EventDescriptor::new().unwrap();
        let watcher = Watcher::start(&port, event.share().unwrap()).unwrap();
        watcher.arm(true);
        loop {
            let mut state = watcher.shared.state();
            port.post(7, keys::OTHERS, ptr::null_mut()).unwrap();
            let in_hand = (0..100).any(|_| {
                thread::yield_now();
                let Some(left) = port.take(Some(Duration::ZERO)).unwrap() else { return true };
                port.post(left.bytes, left.key, left.overlapped).unwrap();
                false
            });
            if in_hand {
                state.stopped = true;
                break;
            }
            // It was not there to take it.
            port.take(Some(Duration::ZERO)).unwrap();
        }
        drop(watcher);
        let left: Vec<usize> = std::iter::from_fn(|| port.take(Some(Duration::ZERO)).unwrap())
            .map(|packet| packet.key)
            .collect();
        assert!(left.contains(&keys::OTHERS), "{left:?}");
    }
}
