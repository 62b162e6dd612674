//! Three ways to hand datagrams to the kernel: one send for one, one call for many (sendmmsg, where there is such), or
//! one buffer that the kernel cuts into datagrams (UDP_SEGMENT, UDP_SEND_MSG_SIZE).

use std::io;

use crate::cli::SenderKind;
use crate::output;
use crate::payload::Header;
use crate::sys::{datagrams, troubles};

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
    batch: datagrams::Batch<LARGEST_BURST>,
}

impl Transmit {
    /// Prepares for the plan's sender. A kernel without UDP_SEGMENT is told of once, and sent to in batches.
    pub(crate) fn new(plan: &Plan, flows: &Flows) -> Transmit {
        let mut transmit = Transmit {
            kind: plan.sender,
            payload: plan.payload,
            bytes: vec![0; plan.payload * plan.burst],
            batch: datagrams::Batch::new(),
        };
        if transmit.kind == SenderKind::Gso {
            let refused = flows
                .sockets()
                .iter()
                .find_map(|socket| datagrams::set_segment_size(socket, plan.payload).err());
            if let Some(error) = refused {
                transmit.step_down(&error);
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
                datagrams::send(socket, &self.bytes[..self.payload]).map(|()| 1)
            }
            SenderKind::Plain | SenderKind::Batched => {
                self.batch.send(socket, &self.bytes, self.payload, count)
            }
            SenderKind::Gso => match datagrams::send(socket, &self.bytes[..count * self.payload]) {
                Ok(()) => Ok(count),
                // Drivers may refuse what the socket option promised, and segments are never fragmented, as a
                // datagram larger than the MTU would be.
                Err(error) if troubles::refuses_segments(&error) => {
                    self.step_down(&error);
                    // The option stays in force on the sockets: it must go, or ordinary sends are refused like this one.
                    for socket in flows.sockets() {
                        datagrams::set_segment_size(socket, 0)?;
                    }
                    self.batch.send(socket, &self.bytes, self.payload, count)
                }
                Err(error) => Err(error),
            },
        }
    }

    fn step_down(&mut self, error: &io::Error) {
        output::warning(&format!(
            "this kernel or device refuses {} ({}): sending with {} instead",
            datagrams::SEGMENTATION,
            troubles::describe(error),
            datagrams::BATCHES
        ));
        self.kind = SenderKind::Batched;
    }
}
