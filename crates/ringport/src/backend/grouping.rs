//! Sends that leave together, grouped by peer.
//!
//! ```text
//!   posted    a1 b1 a2 c1 a3 b2
//!   groups    a: 3 sends   b: 2   c: 1      found by hash, numbered by their first send
//!   then      a1 a2 a3 b1 b2 c1             the order of each peer kept
//! ```
//!
//! Only neighbours can be joined to one message, so without this nothing would be where many peers talk at once. It
//! costs a hash and a move for each send where peers are mixed, a comparison where they are not.

use std::net::{IpAddr, SocketAddr};

use crate::backend::contract::{Fifo, SendRequest, SendSide};

/// No group.
const NONE: u16 = u16::MAX;
/// The most sends that are grouped at a time, of more one such part after the other.
const MOST: usize = 1024;
/// Places of the table that are looked at for a peer. Peers whose addresses were chosen to meet in one place find it
/// full: each of their sends is then a group of its own, which costs nothing but the grouping.
const PROBES: usize = 8;

#[derive(Clone, Copy, Debug)]
struct Group {
    /// One of its sends, which tells the peer.
    first: u16,
    /// How many it has; then where the next of them goes.
    sends: u16,
    /// Its place in the table.
    place: u16,
}

/// See the module. Its room is allocated when sockets are attached, not when something is sent.
#[derive(Debug, Default)]
pub(crate) struct Grouping {
    /// Groups by the hash of their peers; a power of two.
    table: Box<[u16]>,
    groups: Vec<Group>,
    /// The group of each send.
    numbers: Box<[u16]>,
    /// Which send goes to each position.
    order: Box<[u16]>,
}

impl Grouping {
    /// Makes room for so many sends at a time, up to the most that there is ever need for.
    pub(crate) fn make_room(&mut self, sends: usize) {
        let sends = sends.min(MOST);
        if sends > self.order.len() {
            self.table = vec![NONE; (2 * sends).next_power_of_two().max(PROBES)].into();
            self.groups.reserve(sends);
            self.numbers = vec![0; sends].into();
            self.order = vec![0; sends].into();
        }
    }

    /// Whether it may be of use to group what was deferred, but for the last `still` sends.
    #[inline]
    pub(crate) fn may_help(side: &SendSide, still: usize) -> bool {
        side.deferred.saturating_sub(still) > 2 && side.segmentation.largest() > 0
    }

    /// Makes what was deferred due, but for the last `still` sends. It is grouped, if that may be of use.
    #[inline]
    pub(crate) fn release(&mut self, side: &mut SendSide, still: usize) {
        if Grouping::may_help(side, still) {
            let from = side.posted.len().saturating_sub(side.deferred);
            self.group(&mut side.posted, from, side.deferred - still);
        }
        side.deferred = still;
    }

    /// Groups `count` sends from the position `from` on.
    fn group(&mut self, posted: &mut Fifo<SendRequest>, from: usize, count: usize) {
        let most = self.order.len();
        if most == 0 {
            return;
        }
        for begin in (from..from + count).step_by(most) {
            self.group_part(posted, begin, most.min(from + count - begin));
        }
    }

    fn group_part(&mut self, posted: &mut Fifo<SendRequest>, from: usize, count: usize) {
        let pieces = pieces(posted, from, count);
        if pieces > 2 && self.number(posted, from, count) < pieces {
            self.place(count);
            posted.arrange(from, self.order.get_mut(..count).unwrap_or_default());
        }
        for group in self.groups.drain(..) {
            if let Some(place) = self.table.get_mut(usize::from(group.place)) {
                *place = NONE;
            }
        }
    }

    /// Numbers the groups and says of each send which it belongs to; returns how many there are.
    fn number(&mut self, posted: &Fifo<SendRequest>, from: usize, count: usize) -> usize {
        let mut last: Option<(&Option<SocketAddr>, u16)> = None;
        let sends = posted.iter_from(from).take(count).zip(self.numbers.iter_mut());
        for (index, (request, number)) in sends.enumerate() {
            let group = match last {
                Some((peer, group)) if *peer == request.peer => group,
                _ => find(&mut self.table, &mut self.groups, posted, from, index as u16, &request.peer),
            };
            *number = group;
            if let Some(group) = self.groups.get_mut(usize::from(group)) {
                group.sends += 1;
            }
            last = Some((&request.peer, group));
        }
        self.groups.len()
    }

    /// Gives each send its position: one group behind the other.
    fn place(&mut self, count: usize) {
        let mut next = 0;
        for group in &mut self.groups {
            let sends = std::mem::replace(&mut group.sends, next);
            next += sends;
        }
        for (send, number) in self.numbers.iter().enumerate().take(count) {
            let Some(group) = self.groups.get_mut(usize::from(*number)) else { continue };
            if let Some(position) = self.order.get_mut(usize::from(group.sends)) {
                *position = send as u16;
            }
            group.sends += 1;
        }
    }
}

/// How many pieces there are in which neighbours have one peer.
#[inline]
fn pieces(posted: &Fifo<SendRequest>, from: usize, count: usize) -> usize {
    let mut peers = posted.iter_from(from).take(count).map(|request| &request.peer);
    let Some(mut last) = peers.next() else { return 0 };
    let mut pieces = 1;
    for peer in peers {
        pieces += usize::from(peer != last);
        last = peer;
    }
    pieces
}

/// The group of a peer, perhaps a new one.
#[inline]
fn find(
    table: &mut [u16],
    groups: &mut Vec<Group>,
    posted: &Fifo<SendRequest>,
    from: usize,
    send: u16,
    peer: &Option<SocketAddr>,
) -> u16 {
    let begin = hash(peer);
    let mut free = NONE;
    for probe in 0..PROBES {
        let place = begin.wrapping_add(probe) & (table.len() - 1);
        let Some(group) = table.get(place).copied().filter(|group| *group != NONE) else {
            free = place as u16;
            break;
        };
        let first = groups.get(usize::from(group)).map_or(0, |group| usize::from(group.first));
        if posted.get(from + first).is_some_and(|request| request.peer == *peer) {
            return group;
        }
    }
    let number = groups.len() as u16;
    if let Some(place) = table.get_mut(usize::from(free)) {
        *place = number;
    }
    groups.push(Group { first: send, sends: 0, place: free });
    number
}

/// Spreads peers over the table; not more than that.
#[inline]
fn hash(peer: &Option<SocketAddr>) -> usize {
    let Some(peer) = peer else { return 0 };
    let address = match peer.ip() {
        IpAddr::V4(address) => u64::from(address.to_bits()),
        IpAddr::V6(address) => (address.to_bits() >> 64) as u64 ^ address.to_bits() as u64,
    };
    let mixed = (address ^ u64::from(peer.port()) << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 40) as usize
}

#[cfg(test)]
mod tests;
