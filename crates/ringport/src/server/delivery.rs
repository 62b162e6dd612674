//! What one completion delivered: a slice with one datagram, or with a run of them.
//!
//! ```text
//!   completion ──► slice [ d0 | d1 | d2 | d3 ] ──► handler(d0), handler(d1), ...
//!                                                     │ answered one after the other: they join
//!                    one reply for all of them  ◄─────┘
//! ```
//!
//! Whatever a handler does, also if it panics, the slice goes to the outlet when the delivery is dropped.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::datagram::Datagram;
use super::outlet::{Answer, Outlet, Reply, Site};
use crate::backend::decode_address;
use crate::memory::{BufferMut, Cut, HasHeader, Rest, Segments};
use crate::net::{self, ControlMessages};

/// See the module.
struct Delivery<'outlet> {
    slice: Segments,
    outlet: &'outlet dyn Outlet,
}

/// What was in a slice.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Handled {
    pub(super) datagrams: u64,
    pub(super) bytes: u64,
    /// Datagrams that were longer than their server takes.
    pub(super) truncated: u64,
    /// Whether there were several; summed up: how often.
    pub(super) runs: u64,
}

impl std::ops::AddAssign for Handled {
    #[inline]
    fn add_assign(&mut self, more: Handled) {
        self.datagrams += more.datagrams;
        self.bytes += more.bytes;
        self.truncated += more.truncated;
        self.runs += more.runs;
    }
}

/// Hands the datagrams of a received slice to the handler. `cut_off`: the slice was too short for all of it.
#[inline]
pub(super) fn deliver(
    buffer: BufferMut,
    cut_off: bool,
    outlet: &dyn Outlet,
    handler: &mut dyn FnMut(Datagram<'_>),
) -> Handled {
    let site = outlet.site();
    let size = if site.offload { ControlMessages::new(buffer.control_bytes()).segment_size() } else { None };
    let mut delivery = Delivery { slice: Segments::new(buffer), outlet };
    let mut handled = Handled::default();
    let mut left = delivery.slice.left();
    let size = size.map_or(left, u32::from);
    handled.bytes = left.into();
    loop {
        let len = left.min(size);
        left -= len;
        let truncated = len > site.longest || cut_off && left == 0;
        let Some(segment) = delivery.slice.lend(len, site.longest) else { break };
        handled.datagrams += 1;
        if truncated {
            handled.truncated += 1;
            handled.bytes -= u64::from(len.saturating_sub(site.longest));
        }
        handler(Datagram::new(segment, truncated, outlet));
        if left == 0 {
            break;
        }
    }
    handled.runs = u64::from(handled.datagrams > 1);
    handled
}

impl Drop for Delivery<'_> {
    #[inline]
    fn drop(&mut self) {
        match self.slice.finish() {
            Rest::Whole(buffer, cut) if cut.is_empty() => self.outlet.give_back(buffer),
            Rest::Whole(buffer, cut) => {
                let (peer, source) = correspondents(&buffer, self.outlet.site());
                self.outlet.reply(Reply { answer: Answer::Whole(buffer), cut, peer, source });
            }
            Rest::Shared(run) => self.finish_shared(run.map(|(buffer, cut)| (Answer::Part(buffer), cut))),
            Rest::Gone => self.outlet.replace(),
        }
    }
}

impl Delivery<'_> {
    /// Others have shares of the slice: what handlers keep, or what is on its way.
    #[cold]
    fn finish_shared(&mut self, run: Option<(Answer, Cut)>) {
        if let Some((answer, cut)) = run {
            let (peer, source) = correspondents(&self.slice, self.outlet.site());
            self.outlet.reply(Reply { answer, cut, peer, source });
        }
        match self.slice.release() {
            Some(buffer) => self.outlet.give_back(buffer),
            // It may stay away for as long as the handler likes; a slice that is on its way comes back soon.
            None if self.slice.is_kept() => self.outlet.replace(),
            None => {}
        }
    }
}

/// Who sent the datagrams.
#[inline]
pub(super) fn peer_of(slice: &impl HasHeader) -> SocketAddr {
    // The kernel states a sender with every datagram, so there always is one to decode.
    decode_address(slice.name_bytes()).unwrap_or(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0))
}

/// The local address in the control data.
pub(super) fn local_of(slice: &impl HasHeader) -> Option<IpAddr> {
    net::local_of(slice.control_bytes(), slice.name_bytes())
}

/// Who is answered, and the address the answer should leave from: none, where nothing can be sent from.
#[inline]
pub(super) fn correspondents(slice: &impl HasHeader, site: &Site) -> (SocketAddr, Option<IpAddr>) {
    let source = if site.place.tells_local { local_of(slice) } else { None };
    let source = source.filter(|address| {
        let canonical = address.to_canonical();
        !canonical.is_multicast() && canonical != IpAddr::V4(Ipv4Addr::BROADCAST)
    });
    (peer_of(slice), source)
}
