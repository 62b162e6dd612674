//! The sender process: one thread floods one port, with `sendmmsg` of 64 or with segmentation offload.

use std::io::{self, BufRead, stdin};
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use nix::sys::socket::{setsockopt, sockopt::UdpGsoSegment};
use ringport_stand::process::pin;
use serde::{Deserialize, Serialize};

use crate::Failure;

/// Datagrams a call, at most; the kernel's limit for segments as well.
const BATCH: usize = 64;
/// Bytes that one call with segmentation can take.
const LARGEST: usize = 65_507;

/// How the flood is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Way {
    /// `sendmmsg`, 64 datagrams a call, each on its own way through the kernel.
    Plain,
    /// One buffer that the kernel cuts into up to 64 datagrams late (`UDP_SEGMENT`).
    Gso,
}

/// What the driver asks for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) way: Way,
    /// Where to, on 127.0.0.1.
    pub(crate) port: u16,
    pub(crate) payload: u16,
    pub(crate) milliseconds: u64,
}

/// What was sent.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Sent {
    pub(crate) datagrams: u64,
    pub(crate) nanoseconds: u64,
}

/// Does as it is told until nobody tells it any more.
pub(crate) fn run(processor: Option<usize>) -> Result<(), Failure> {
    pin(processor)?;
    for line in stdin().lock().lines() {
        let order: Order = serde_json::from_str(&line?)?;
        println!("{}", serde_json::to_string(&flood(order)?)?);
    }
    Ok(())
}

fn flood(order: Order) -> Result<Sent, Failure> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.connect((Ipv4Addr::LOCALHOST, order.port))?;
    let payload = usize::from(order.payload);
    let segments = BATCH.min(LARGEST / payload);
    if order.way == Way::Gso {
        setsockopt(&socket, UdpGsoSegment, &i32::from(order.payload))?;
    }
    let bytes = vec![0; payload * segments];
    let mut single = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: payload };
    // SAFETY: plain C structures of integers and pointers; all zeroes is a valid value.
    let mut messages: [libc::mmsghdr; BATCH] = unsafe { std::mem::zeroed() };
    for message in &mut messages {
        message.msg_hdr.msg_iov = &raw mut single;
        message.msg_hdr.msg_iovlen = 1;
    }
    let (start, mut datagrams) = (Instant::now(), 0);
    let end = start + Duration::from_millis(order.milliseconds);
    while Instant::now() < end {
        datagrams += match order.way {
            Way::Plain => send_batch(&socket, &mut messages)?,
            Way::Gso => socket.send(&bytes)? / payload,
        };
    }
    Ok(Sent { datagrams: datagrams as u64, nanoseconds: start.elapsed().as_nanos() as u64 })
}

/// One call; returns how many datagrams it took.
fn send_batch(socket: &UdpSocket, messages: &mut [libc::mmsghdr; BATCH]) -> io::Result<usize> {
    // SAFETY: all headers point at one vector over the payload, which the kernel only reads.
    let sent = unsafe { libc::sendmmsg(socket.as_raw_fd(), messages.as_mut_ptr(), BATCH as libc::c_uint, 0) };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}
