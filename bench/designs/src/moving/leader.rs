//! A ring a thread, and one thread that leads.
//!
//! ```text
//!   thread 1   │ lead: arm, gather, cancel │ handle                        │ (waits for the lead)
//!   thread 2   │ (waits for the lead)      │ lead: arm, gather, cancel     │ handle
//!                own ring                    own ring
//! ```
//!
//! Each ring belongs to its thread for good (`SINGLE_ISSUER | DEFER_TASKRUN`), so the kernel's work always runs where
//! it is waited for. The receive is cancelled before the lead is handed on; otherwise every datagram would wake the
//! receives of all threads. A leader that is stuck before it hands on stalls the socket.

use std::net::UdpSocket;
use std::sync::{Mutex, PoisonError};

use io_uring::IoUring;
use ringport_stand::part::consume;

use super::pump::{GATHER, WANT};
use crate::Failure;
use crate::receive::crew;
use ringport_stand::ring::Ring;

const SLICES: u16 = 4096;

pub(crate) fn run(socket: UdpSocket, threads: usize) -> Result<(), Failure> {
    let lead = Mutex::new(());
    crew(&socket, threads, |thread| {
        let flags = &mut IoUring::builder();
        let mut ring = Ring::new(&socket, SLICES, flags.setup_single_issuer().setup_defer_taskrun())?;
        let slices = ring.slices();
        let mut arrived = Vec::with_capacity(usize::from(SLICES));
        let mut done = Vec::with_capacity(usize::from(SLICES));
        loop {
            {
                let _leading = lead.lock().unwrap_or_else(PoisonError::into_inner);
                while arrived.is_empty() {
                    if !ring.is_armed() {
                        ring.arm()?;
                    }
                    ring.wait(WANT, Some(GATHER))?;
                    ring.take(usize::MAX, &mut arrived);
                }
                if ring.is_armed() {
                    ring.cancel()?;
                }
                while ring.is_armed() {
                    ring.wait(1, None)?;
                    ring.take(usize::MAX, &mut arrived);
                }
            }
            for one in arrived.drain(..) {
                slices.see(&one, |payload, peer| consume(thread, payload, peer));
                done.push(one.id);
            }
            ring.give_back(&mut done);
        }
    })
}
