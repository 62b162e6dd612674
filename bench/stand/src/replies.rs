//! `sendmmsg` without a library: what a batch received goes back to where it came from, by one call.
//!
//! ```text
//!   received   a1 b1 a2 a3 b2 a4'        the last of a is shorter
//!   one each   a1│b1│a2│a3│b2│a4'        a message a datagram
//!   grouped    a1 a2 a3 a4'│b1 b2        a message a peer, cut into datagrams by the kernel (UDP_SEGMENT)
//! ```

use std::io;
use std::mem::zeroed;
use std::os::fd::{AsFd, AsRawFd};

use crate::batch::{BATCH, Run};
use crate::control::Control;

/// Datagrams that any kernel with the option makes of a message, and bytes of a message.
const MOST: usize = 64;
const LONGEST: usize = 65_507;
const NAME: libc::socklen_t = size_of::<libc::sockaddr_in>() as libc::socklen_t;

/// The messages of a batch of replies, which point into the batch that they answer.
pub struct Replies {
    messages: Vec<libc::mmsghdr>,
    vectors: Vec<libc::iovec>,
    controls: Vec<Control>,
    groups: Vec<Group>,
    /// The group of each run.
    of: Vec<usize>,
    grouped: bool,
    sent: usize,
}

/// Runs that leave as one message.
struct Group {
    peer: u64,
    name: libc::sockaddr_in,
    segment: usize,
    bytes: usize,
    runs: usize,
    /// Whether another run may follow: the last datagram is no shorter than the others.
    open: bool,
}

impl Replies {
    /// A message a run, or, if `grouped`, one a peer as far as the kernel allows it.
    pub fn new(grouped: bool) -> Replies {
        Replies {
            messages: Vec::with_capacity(BATCH),
            vectors: Vec::with_capacity(BATCH),
            controls: Vec::with_capacity(BATCH),
            groups: Vec::with_capacity(BATCH),
            of: Vec::with_capacity(BATCH),
            grouped,
            sent: 0,
        }
    }

    /// Prepares the replies to all that was received.
    pub fn to<'batch>(
        &'batch mut self,
        received: impl Iterator<Item = Run<'batch>> + Clone,
    ) -> Prepared<'batch> {
        self.groups.clear();
        self.of.clear();
        self.messages.clear();
        self.sent = 0;
        for run in received.clone() {
            let group = self.group_of(&run);
            self.of.push(group);
        }
        let mut next = 0;
        // SAFETY: a plain C structure of an address and a length; all zeroes is a valid value.
        self.vectors.resize(self.of.len(), unsafe { zeroed() });
        self.controls.resize(self.groups.len(), Control::EMPTY);
        for (group, control) in self.groups.iter_mut().zip(&mut self.controls) {
            // SAFETY: a plain C structure of integers and pointers; all zeroes is a valid value.
            let mut message: libc::mmsghdr = unsafe { zeroed() };
            message.msg_hdr.msg_name = std::ptr::from_mut(&mut group.name).cast();
            message.msg_hdr.msg_namelen = NAME;
            message.msg_hdr.msg_iov = self.vectors.as_mut_ptr().wrapping_add(next);
            if group.bytes > group.segment {
                *control = Control::of_segments(group.segment as u16);
                message.msg_hdr.msg_control = std::ptr::from_mut(control).cast();
                message.msg_hdr.msg_controllen = size_of::<Control>() as _;
            }
            next += group.runs;
            self.messages.push(message);
        }
        for (run, &group) in received.zip(&self.of) {
            let Some(message) = self.messages.get_mut(group) else { continue };
            let place = message.msg_hdr.msg_iovlen;
            message.msg_hdr.msg_iovlen += 1;
            // SAFETY: the group has as many vectors as runs, all of them inside `vectors`.
            unsafe {
                *message.msg_hdr.msg_iov.add(place) = libc::iovec {
                    iov_base: run.payload.as_ptr().cast_mut().cast(),
                    iov_len: run.payload.len(),
                };
            }
        }
        Prepared { replies: self }
    }

    /// The group that a run joins: the latest of its peer, or a new one.
    fn group_of(&mut self, run: &Run<'_>) -> usize {
        let peer = u64::from(run.name.sin_addr.s_addr) << 16 | u64::from(run.name.sin_port);
        let (bytes, segment) = (run.payload.len(), run.segment.max(1));
        let ends_short = bytes % segment != 0;
        if self.grouped
            && let Some(index) = self.groups.iter().rposition(|group| group.peer == peer)
            && let Some(group) = self.groups.get_mut(index)
            && group.open
            && (segment == group.segment || (bytes < group.segment && bytes == segment))
            && group.bytes + bytes <= LONGEST.min(group.segment * MOST)
        {
            group.open = segment == group.segment && !ends_short;
            group.bytes += bytes;
            group.runs += 1;
            return index;
        }
        self.groups.push(Group {
            peer,
            name: *run.name,
            segment,
            bytes,
            runs: 1,
            open: !ends_short && bytes > 0,
        });
        self.groups.len() - 1
    }
}

/// Replies that can be sent as long as what they point into is there.
pub struct Prepared<'batch> {
    replies: &'batch mut Replies,
}

impl Prepared<'_> {
    /// Sends what is left of them. A socket that does not block may leave something: `WouldBlock`.
    pub fn send(&mut self, socket: &impl AsFd) -> io::Result<()> {
        let Replies { messages, sent, .. } = &mut *self.replies;
        while let Some(left @ [_, ..]) = messages.get_mut(*sent..) {
            // SAFETY: the headers point at memory of the replies and of the batch, which both live during the call.
            let count = unsafe {
                libc::sendmmsg(socket.as_fd().as_raw_fd(), left.as_mut_ptr(), left.len() as libc::c_uint, 0)
            };
            *sent += usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;
    use crate::batch::Batch;

    /// Datagrams of these lengths come from two peers in turns. What each peer gets back, and how many messages it took.
    fn echoed(grouped: bool, lengths: &[usize]) -> ([Vec<usize>; 2], usize) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let peers = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
        for &length in lengths {
            for peer in &peers {
                peer.send_to(&vec![length as u8; length], socket.local_addr().unwrap()).unwrap();
            }
        }
        let (mut batch, mut replies) = (Batch::with_offload(&socket).unwrap(), Replies::new(grouped));
        let (mut received, mut messages) = (0, 0);
        while received < 2 * lengths.len() {
            batch.receive(&socket).unwrap();
            batch.each(|_, _| received += 1);
            let mut prepared = replies.to(batch.runs());
            messages += prepared.replies.messages.len();
            prepared.send(&socket).unwrap();
        }
        let back = peers.map(|peer| {
            let mut room = [0; 2048];
            let lengths = lengths.iter().map(|_| {
                let length = peer.recv(&mut room).unwrap();
                assert!(room[..length].iter().all(|&byte| byte == length as u8));
                length
            });
            lengths.collect()
        });
        (back, messages)
    }

    #[test]
    fn replies_come_back_in_order_with_a_message_a_peer_or_a_datagram() {
        let lengths = [100, 100, 30, 30, 100, 0, 100];
        let (back, messages) = echoed(false, &lengths);
        assert_eq!((back, messages), ([(); 2].map(|()| lengths.to_vec()), 2 * lengths.len()));
        let (back, messages) = echoed(true, &lengths);
        // [100 100 30] [30] [100] [] [100]: nothing joins what ended with a shorter one, a longer one never joins.
        assert_eq!((back, messages), ([(); 2].map(|()| lengths.to_vec()), 2 * 5));
    }
}
