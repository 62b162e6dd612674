//! What an idle socket takes: memory that is allocated for its request queue, with nothing posted.
//!
//! Slices are the pool's, the system's own memory of a socket is no part of a process, and over io_uring each has a
//! ring beside it, of 16 bytes a receive and a page at least. None of these is counted here.

use ringport::queue::QueueError;
use ringport::{
    BackendChoice, CompletionPort, CompletionQueue, Limits, PortRequestQueue, RequestQueue, UdpSocket,
};

use super::{WAYS, Way};
use crate::Failure;
use crate::allocator::bytes;
use crate::options::Options;
use crate::report::Report;

const SOCKETS: u64 = 1000;
/// The limits of each: what the memory is for.
const LIMITS: [u32; 2] = [16, 256];

pub(super) fn measure(options: &Options, report: &mut Report) -> Result<(), Failure> {
    println!("\nmemory of an idle socket, of {SOCKETS}");
    for (name, way) in WAYS {
        if way == Way::Hand || !way.runs(name, options, report) {
            continue;
        }
        for each in LIMITS {
            let limits = Limits { receives: each, receive_buffers: 1, sends: each, send_buffers: 1 };
            let bytes = match way {
                Way::Own(backend) => own(backend, limits)?,
                Way::Port(backend) => on_port(backend, limits)?,
                Way::Hand => continue,
            };
            report.note(format!("{name}, {each} receives and {each} sends: {bytes} bytes"));
        }
    }
    Ok(())
}

fn sockets() -> Result<Vec<UdpSocket>, Failure> {
    let bound = (0..SOCKETS).map(|_| UdpSocket::bind("127.0.0.1:0"));
    Ok(bound.collect::<Result<_, _>>()?)
}

fn size(limits: &Limits) -> usize {
    SOCKETS as usize * (limits.receives + limits.sends) as usize
}

/// How many bytes more are allocated when so many are attached, for each.
fn growth<T>(attach: impl FnOnce(Vec<UdpSocket>) -> Result<T, QueueError>) -> Result<u64, Failure> {
    let sockets = sockets()?;
    let before = bytes();
    let attached = attach(sockets)?;
    let after = bytes();
    drop(attached);
    Ok(after.saturating_sub(before) / SOCKETS)
}

fn own(backend: BackendChoice, limits: Limits) -> Result<u64, Failure> {
    let queue = CompletionQueue::builder(size(&limits)).backend(backend).polled()?;
    growth(|sockets| {
        let attach = |(socket, context)| RequestQueue::new(&socket, &queue, &queue, limits, context);
        sockets.into_iter().zip(0..).map(attach).collect::<Result<Vec<_>, _>>()
    })
}

fn on_port(backend: BackendChoice, limits: Limits) -> Result<u64, Failure> {
    let port = CompletionPort::new(1)?;
    let queue = CompletionQueue::builder(size(&limits)).backend(backend).on(&port, 0)?;
    growth(|sockets| {
        let attach = |(socket, context)| PortRequestQueue::new(&socket, &queue, &queue, limits, context);
        sockets.into_iter().zip(0..).map(attach).collect::<Result<Vec<_>, _>>()
    })
}
