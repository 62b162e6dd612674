//! Three ways to hand datagrams to the kernel: one send for one, one sendmmsg for many, or one buffer that the kernel
//! cuts into datagrams (UDP_SEGMENT).

use std::io::{self, IoSlice};
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, MultiHeaders, sendmmsg, setsockopt, sockopt};
use socket2::Socket;

use crate::cli::SenderKind;
use crate::output;
use crate::payload::Header;

use super::flows::Flows;
use super::plan::Plan;

/// Most datagrams in one call: what the kernel accepts in one segmented send (UDP_MAX_SEGMENTS was 64 for long).
pub(crate) const LARGEST_BURST: usize = 64;

/// Sends bursts of consecutive datagrams.
pub(crate) struct Transmit {
    kind: SenderKind,
    payload: usize,
    /// The payloads of one burst, end to end; only their headers change.
    bytes: Vec<u8>,
    headers: MultiHeaders<()>,
}

impl Transmit {
    /// Prepares for the plan's sender. A kernel without UDP_SEGMENT is told of once, and sent to in batches.
    pub(crate) fn new(plan: &Plan, flows: &Flows) -> Transmit {
        let mut transmit = Transmit {
            kind: plan.sender,
            payload: plan.payload,
            bytes: vec![0; plan.payload * plan.burst],
            headers: MultiHeaders::preallocate(LARGEST_BURST, None),
        };
        if transmit.kind == SenderKind::Gso {
            let refused = flows
                .sockets()
                .iter()
                .find_map(|socket| setsockopt(socket, sockopt::UdpGsoSegment, &(plan.payload as i32)).err());
            if let Some(error) = refused {
                transmit.step_down(error);
            }
        }
        transmit
    }

    /// The way in use, which is not the one asked for after a step down.
    pub(crate) fn kind(&self) -> SenderKind {
        self.kind
    }

    /// Sends `count` datagrams from number `first` on, from the socket whose turn it is; they must not be more than a burst of the plan. Returns how
    /// many the kernel took: at least one, and fewer than asked where it stopped half way.
    pub(crate) fn send(
        &mut self,
        flows: &Flows,
        turn: u64,
        first: u64,
        count: usize,
        now: u64,
    ) -> io::Result<usize> {
        let (flow, socket) = flows.turn(turn);
        for index in 0..count {
            let payload = &mut self.bytes[index * self.payload..(index + 1) * self.payload];
            Header { sequence: first + index as u64, flow, sent: now }.write(payload);
        }
        match self.kind {
            SenderKind::Plain | SenderKind::Batched if count == 1 => {
                socket.send(&self.bytes[..self.payload]).map(|_| 1)
            }
            SenderKind::Plain | SenderKind::Batched => self.send_batch(socket, count),
            SenderKind::Gso => match socket.send(&self.bytes[..count * self.payload]) {
                Ok(_) => Ok(count),
                // Drivers may refuse what the socket option promised, and segments are never fragmented, as a
                // datagram larger than the MTU would be.
                Err(error) if matches!(error.raw_os_error(), Some(code) if refuses_segments(code)) => {
                    self.step_down(Errno::from_raw(error.raw_os_error().unwrap_or(0)));
                    // The option stays in force on the sockets: it must go, or ordinary sends are refused like this one.
                    for socket in flows.sockets() {
                        setsockopt(socket, sockopt::UdpGsoSegment, &0)?;
                    }
                    self.send_batch(socket, count)
                }
                Err(error) => Err(error),
            },
        }
    }

    fn send_batch(&mut self, socket: &Socket, count: usize) -> io::Result<usize> {
        let (bytes, payload) = (&self.bytes, self.payload);
        let slices: [[IoSlice<'_>; 1]; LARGEST_BURST] = std::array::from_fn(|index| {
            let start = if index < count { index * payload } else { 0 };
            [IoSlice::new(&bytes[start..start + payload])]
        });
        let addresses = [None; LARGEST_BURST];
        let flags = MsgFlags::empty();
        let sent = sendmmsg(
            socket.as_raw_fd(),
            &mut self.headers,
            &slices[..count],
            &addresses[..count],
            [],
            flags,
        )?;
        Ok(sent.count())
    }

    fn step_down(&mut self, error: Errno) {
        output::warning(&format!(
            "this kernel or device refuses UDP_SEGMENT ({}): sending with sendmmsg instead",
            error.desc()
        ));
        self.kind = SenderKind::Batched;
    }
}

fn refuses_segments(code: i32) -> bool {
    matches!(
        Errno::from_raw(code),
        Errno::EIO | Errno::EINVAL | Errno::EMSGSIZE | Errno::ENOPROTOOPT | Errno::EOPNOTSUPP
    )
}
