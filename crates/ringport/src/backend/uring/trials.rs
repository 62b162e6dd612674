//! What of streams this kernel does by itself: tried on connections over loopback, each once a process.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use io_uring::{IoUring, cqueue, opcode, squeue, types};

use super::buffer_ring::BufferRing;
use super::probe::PATIENCE;
use super::streaming::bundle;

/// The slices of a trial.
const SLICE: usize = 16;
/// The group that they are in: another than that of datagrams.
const GROUP: u16 = 1;

/// Whether one accept stays armed on a listener that is not to block.
pub(super) fn accepts(ring: &mut IoUring) -> io::Result<()> {
    let listener = listener()?;
    listener.set_nonblocking(true)?;
    let entry = opcode::AcceptMulti::new(types::Fd(listener.as_raw_fd())).flags(libc::SOCK_CLOEXEC).build();
    push(ring, entry)?;
    ring.submit()?;
    let _client = TcpStream::connect(listener.local_addr()?)?;
    let mut judged = None;
    loop {
        let done = next(ring)?;
        if let Ok(0..) = u32::try_from(done.result()) {
            // SAFETY: the kernel has just given us this descriptor, and nobody else knows of it.
            drop(unsafe { OwnedFd::from_raw_fd(done.result()) });
        }
        let more = cqueue::more(done.flags());
        let outcome = judged.get_or_insert_with(|| judge(done.result(), more));
        if !more {
            return std::mem::replace(outcome, Ok(()));
        }
        cancel(ring)?;
    }
}

/// Whether a receive on a connection that is not to block waits for bytes, and takes as much as it is to.
pub(super) fn receives(ring: &mut IoUring, bundles: bool) -> io::Result<()> {
    let listener = listener()?;
    let mut peer = TcpStream::connect(listener.local_addr()?)?;
    let mut socket = listener.accept()?.0;
    socket.set_nonblocking(true)?;
    let mut buffers = BufferRing::new(4)?;
    // Leaked on purpose, once a process: whatever goes wrong below, the kernel holds nothing of ours.
    let slices: &'static mut [u8] = Box::leak(vec![0; 4 * SLICE].into_boxed_slice());
    slices.chunks_mut(SLICE).for_each(|slice| buffers.write(slice.as_mut_ptr(), SLICE as u32));
    // SAFETY: the mapping is leaked below where the group cannot be unregistered.
    unsafe {
        let count = buffers.count() as u16;
        ring.submitter().register_buf_ring_with_flags(buffers.address(), count, GROUP, 0)?;
    }
    buffers.store_tail();
    let tried = receive(ring, &mut peer, &mut socket, bundles);
    if ring.submitter().unregister_buf_ring(GROUP).is_err() {
        buffers.leak();
    }
    tried
}

fn receive(
    ring: &mut IoUring,
    peer: &mut TcpStream,
    socket: &mut TcpStream,
    bundles: bool,
) -> io::Result<()> {
    let descriptor = types::Fd(socket.as_raw_fd());
    let (entry, expected) = if bundles {
        (bundle(descriptor, GROUP, 2 * SLICE), 2 * SLICE)
    } else {
        let entry = opcode::Recv::new(descriptor, std::ptr::null_mut(), SLICE as u32).buf_group(GROUP);
        (entry.build().flags(squeue::Flags::BUFFER_SELECT), SLICE)
    };
    push(ring, entry)?;
    // It waits for the first byte, and finds more than it may take.
    ring.submit()?;
    peer.write_all(&[1; 4 * SLICE])?;
    let done = next(ring)?;
    judge(done.result(), cqueue::buffer_select(done.flags()).is_some())?;
    let mut rest = [0; 4 * SLICE];
    let left = socket.read(&mut rest)?;
    if done.result() as usize != expected || left + expected != rest.len() {
        return Err(io::Error::from_raw_os_error(libc::EOPNOTSUPP));
    }
    Ok(())
}

fn listener() -> io::Result<TcpListener> {
    TcpListener::bind("127.0.0.1:0").or_else(|_| TcpListener::bind("[::1]:0"))
}

fn judge(result: i32, as_wanted: bool) -> io::Result<()> {
    match result {
        error if error < 0 => Err(io::Error::from_raw_os_error(-error)),
        _ if as_wanted => Ok(()),
        _ => Err(io::Error::from_raw_os_error(libc::EOPNOTSUPP)),
    }
}

fn push(ring: &mut IoUring, entry: squeue::Entry) -> io::Result<()> {
    // SAFETY: what the entries of this file point at is never freed, or they point at nothing.
    unsafe { ring.submission().push(&entry.user_data(1)) }
        .map_err(|_| io::Error::from(io::ErrorKind::WouldBlock))
}

fn cancel(ring: &mut IoUring) -> io::Result<()> {
    let cancel = opcode::AsyncCancel::new(1).build().user_data(2);
    // SAFETY: a cancellation points at no memory.
    unsafe { ring.submission().push(&cancel) }.map_err(|_| io::Error::from(io::ErrorKind::WouldBlock))
}

/// The next completion of the request; one that does not come is cancelled first.
fn next(ring: &mut IoUring) -> io::Result<cqueue::Entry> {
    let mut cancelled = false;
    loop {
        while let Some(done) = ring.completion().next() {
            if done.user_data() == 1 {
                return Ok(done);
            }
        }
        match ring.submitter().submit_with_args(1, &types::SubmitArgs::new().timespec(&PATIENCE)) {
            Err(error) if error.raw_os_error() == Some(libc::EINTR) => {}
            Err(error) if error.raw_os_error() != Some(libc::ETIME) || cancelled => return Err(error),
            Err(_) => {
                cancelled = true;
                cancel(ring)?;
            }
            Ok(_) => {}
        }
    }
}
