//! By hand: epoll, and `recvmmsg` on whatever it names until there is no full batch.
//!
//! What the library costs more with many sockets than with one may be the system's part: each has its own memory
//! there, and its own call. This loop shows how much that is.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use super::load::Load;
use super::receiver::{Each, Receiver, bind};
use crate::Failure;
use crate::drain::calls::{BATCH, Batches};
use crate::drain::candidate::Names;

const EVENTS: usize = 64;

/// See the module.
pub(super) struct Hand {
    epoll: OwnedFd,
    sockets: Vec<UdpSocket>,
    calls: Batches,
}

impl Hand {
    pub(super) fn new(load: &Load) -> Result<Hand, Failure> {
        // SAFETY: the call takes no memory.
        let epoll = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if epoll < 0 {
            return Err(io::Error::last_os_error().into());
        }
        // SAFETY: the descriptor is new and nobody else has it.
        let epoll = unsafe { OwnedFd::from_raw_fd(epoll) };
        let sockets = bind(load)?;
        for (index, socket) in sockets.iter().enumerate() {
            let mut event =
                libc::epoll_event { events: (libc::EPOLLIN | libc::EPOLLET) as u32, u64: index as u64 };
            let (epoll, socket) = (epoll.as_raw_fd(), socket.as_raw_fd());
            // SAFETY: the event is read during the call.
            if unsafe { libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, socket, &mut event) } < 0 {
                return Err(io::Error::last_os_error().into());
            }
        }
        Ok(Hand { epoll, sockets, calls: Batches::new(UdpSocket::bind("127.0.0.1:0")?, Names::Wanted)? })
    }
}

impl Receiver for Hand {
    fn dequeue(&mut self, each: Each<'_>) -> Result<usize, Failure> {
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; EVENTS];
        // SAFETY: there is room for so many events.
        let count =
            unsafe { libc::epoll_wait(self.epoll.as_raw_fd(), events.as_mut_ptr(), EVENTS as i32, 0) };
        let mut found = 0;
        for event in events.iter().take(count.max(0) as usize) {
            let index = event.u64 as usize;
            let Some(socket) = self.sockets.get(index) else { continue };
            loop {
                let received = self.calls.receive(socket.as_raw_fd())?;
                found += received;
                (0..received).try_for_each(|_| each(index))?;
                if received < BATCH {
                    break;
                }
            }
        }
        Ok(found)
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        self.sockets.iter().filter_map(|socket| socket.local_addr().ok()).collect()
    }
}
