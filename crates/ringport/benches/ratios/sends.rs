//! Sending a batch: to one peer and to many, each after the other and mixed, and several datagrams in one send.
//!
//! ```text
//!   post x 512, commit                  peers drained
//!   timed, per datagram                 not timed
//! ```
//!
//! On the loopback interface the sender does the way up to the receiving socket, too, so what joining saves is all of
//! the way through the stack but for the last step.

use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::Duration;

use ringport::queue::Polled;
use ringport::{
    BackendChoice, BufferPool, CompletionQueue, Completions, Limits, RequestQueue, Send, UdpSocket as Socket,
};
use socket2::{SockAddr, SockRef};

use crate::Failure;
use crate::filler::SOCKET_BUFFER;
use crate::options::Options;
use crate::report::{Report, Row};
use crate::rounds::{interleave, timed};

/// Datagrams of one turn.
const DATAGRAMS: usize = 512;
const PEERS: usize = 64;
const BYTES: usize = 64;
/// Messages of a call by hand: as many as the library gives one.
const BATCH: usize = 64;

const CANDIDATES: [&str; 7] = [
    "64 peers, sendmmsg by hand, mixed",
    "512 peers, sendmmsg by hand",
    "64 peers, mixed",
    "64 peers, one after the other",
    "512 peers",
    "one peer",
    "one peer, 64 datagrams a send",
];

struct Sending {
    queue: CompletionQueue<Polled>,
    requests: RequestQueue,
    completions: Completions,
    pool: BufferPool,
    peers: Vec<(UdpSocket, SocketAddr)>,
    by_hand: ByHand,
}

impl Sending {
    fn new() -> Result<Sending, Failure> {
        let socket = Socket::bind("127.0.0.1:0")?;
        let queue = CompletionQueue::builder(DATAGRAMS).backend(BackendChoice::Epoll).polled()?;
        let limits = Limits { receives: 0, receive_buffers: 0, sends: DATAGRAMS as u32, send_buffers: 1 };
        let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
        let pool = BufferPool::builder()
            .slice_size(64 * BYTES)
            .slices_per_region(DATAGRAMS)
            .regions(1..=1)
            .build()?;
        let mut peers = Vec::with_capacity(DATAGRAMS);
        for _ in 0..DATAGRAMS {
            let peer = UdpSocket::bind("127.0.0.1:0")?;
            peer.set_nonblocking(true)?;
            SockRef::from(&peer).set_recv_buffer_size(SOCKET_BUFFER)?;
            let address = peer.local_addr()?;
            peers.push((peer, address));
        }
        let by_hand = ByHand::new(peers.iter().map(|peer| peer.1))?;
        Ok(Sending {
            queue,
            requests,
            completions: Completions::with_capacity(DATAGRAMS),
            pool,
            peers,
            by_hand,
        })
    }

    /// One turn of a candidate; the time of its sends.
    fn turn(&mut self, candidate: usize) -> Result<Duration, Failure> {
        let (time, result) = match candidate {
            0 => timed(|| self.by_hand.send(PEERS)),
            1 => timed(|| self.by_hand.send(DATAGRAMS)),
            2 => timed(|| self.post(|number| number % PEERS)),
            3 => timed(|| self.post(|number| number * PEERS / DATAGRAMS)),
            4 => timed(|| self.post(|number| number)),
            5 => timed(|| self.post(|_| 0)),
            _ => timed(|| self.post_segments()),
        };
        result?;
        self.queue.dequeue(&mut self.completions);
        self.completions.clear();
        let mut received = 0;
        let mut bytes = [0; 2 * BYTES];
        for (peer, _) in &self.peers {
            while peer.recv(&mut bytes).is_ok() {
                received += 1;
            }
        }
        if received == DATAGRAMS {
            Ok(time)
        } else {
            Err(format!("{received} datagrams of {DATAGRAMS}").into())
        }
    }

    fn address(&self, peer: usize) -> SocketAddr {
        self.peers.get(peer).map_or(([127, 0, 0, 1], 9).into(), |peer| peer.1)
    }

    fn post(&self, peer: impl Fn(usize) -> usize) -> Result<(), Failure> {
        for number in 0..DATAGRAMS {
            let buffer = self.pool.take_with(&[b'x'; BYTES])?;
            let send = Send::new().to(self.address(peer(number))).defer();
            self.requests.send_with(buffer, send, 0)?;
        }
        self.requests.commit();
        Ok(())
    }

    fn post_segments(&self) -> Result<(), Failure> {
        for _ in 0..DATAGRAMS / 64 {
            let buffer = self.pool.take_with(&[b'x'; 64 * BYTES])?;
            let send = Send::new().to(self.address(0)).segments(BYTES as u16).defer();
            self.requests.send_with(buffer, send, 0)?;
        }
        self.requests.commit();
        Ok(())
    }
}

/// The same to one peer after the other, as a program would that joins nothing.
struct ByHand {
    socket: UdpSocket,
    peers: Vec<SockAddr>,
    payloads: Vec<[u8; BYTES]>,
}

impl ByHand {
    fn new(peers: impl Iterator<Item = SocketAddr>) -> Result<ByHand, Failure> {
        let peers = peers.map(SockAddr::from).collect();
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        Ok(ByHand { socket, peers, payloads: vec![[0; BYTES]; DATAGRAMS] })
    }

    fn send(&mut self, peers: usize) -> Result<(), Failure> {
        // The library copies its payloads into slices, too.
        self.payloads.iter_mut().for_each(|payload| *payload = [b'x'; BYTES]);
        let mut peers = self.peers.iter().take(peers).cycle();
        for payloads in self.payloads.chunks(BATCH) {
            // SAFETY: both are plain C structures of integers and pointers; all zeroes is a valid value.
            let mut messages: [libc::mmsghdr; BATCH] = unsafe { std::mem::zeroed() };
            // SAFETY: as above.
            let mut vectors: [libc::iovec; BATCH] = unsafe { std::mem::zeroed() };
            let parts = messages.iter_mut().zip(&mut vectors).zip(payloads.iter().zip(&mut peers));
            for ((message, vector), (payload, peer)) in parts {
                *vector = libc::iovec { iov_base: payload.as_ptr().cast_mut().cast(), iov_len: BYTES };
                message.msg_hdr.msg_iov = vector;
                message.msg_hdr.msg_iovlen = 1;
                message.msg_hdr.msg_name = peer.as_ptr().cast_mut().cast();
                message.msg_hdr.msg_namelen = peer.len();
            }
            // SAFETY: each header points at one vector over a payload and at a name; the kernel only reads them.
            let sent = unsafe {
                libc::sendmmsg(self.socket.as_raw_fd(), messages.as_mut_ptr(), payloads.len() as _, 0)
            };
            if sent != payloads.len() as libc::c_int {
                return Err(std::io::Error::last_os_error().into());
            }
        }
        Ok(())
    }
}

/// Measures the candidates. Both backends send the same way, so one of them stands for both.
pub(crate) fn measure(options: &Options, report: &mut Report) -> Result<(), Failure> {
    let mut sending = Sending::new()?;
    let figures = interleave(options.rounds, CANDIDATES.len(), DATAGRAMS, |index| sending.turn(index))?;
    let median = |index: usize| figures.get(index).map_or(0.0, |figures| figures.median);
    let rows = CANDIDATES.iter().zip(&figures).enumerate().map(|(index, (candidate, figures))| Row {
        measurement: format!("{DATAGRAMS} deferred datagrams of {BYTES} bytes, and a commit"),
        candidate: (*candidate).to_owned(),
        unit: "ns",
        figures: *figures,
        ratio: match index {
            0 | 1 => None,
            4 => Some((figures.median / median(1), "512 by hand".to_owned())),
            _ => Some((figures.median / median(0), "64 by hand".to_owned())),
        },
    });
    report.add(rows.collect());
    Ok(())
}
