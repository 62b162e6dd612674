//! The replies of a batch, grouped by peer.
//!
//! ```text
//!   in      a1 b1 a2 c1 a3 b2
//!   chains  a: a1 ─► a2 ─► a3     b: b1 ─► b2     c: c1
//!   out     a1 a2 a3 b1 b2 c1     peers by their first reply, the order of each peer kept
//! ```
//!
//! To join only what stands side by side would do nothing where many peers talk at once. What leaves side by side
//! to one peer takes one route, and can leave as one message where the system cuts it into datagrams again.

use std::net::{IpAddr, SocketAddr};

use crate::memory::BufferMut;

/// No entry, no chain.
const NONE: u32 = u32::MAX;
/// Places of the table that are looked at for a peer. Peers whose addresses were chosen to meet in one place find it
/// full: each of their replies is then a chain of its own, which costs nothing but the grouping.
const PROBES: usize = 8;

/// What is to be sent.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) buffer: BufferMut,
    pub(super) peer: SocketAddr,
    /// The address it is to leave from, if not any.
    pub(super) source: Option<IpAddr>,
    pub(super) token: u64,
}

#[derive(Debug)]
struct Entry {
    reply: Option<Reply>,
    /// The next one to the same peer.
    next: u32,
}

#[derive(Debug)]
struct Chain {
    peer: SocketAddr,
    first: u32,
    last: u32,
    /// Its place in the table.
    place: u32,
}

/// See the module. Its room is allocated once, unless a handler sends very many copies.
#[derive(Debug)]
pub(super) struct Replies {
    entries: Vec<Entry>,
    chains: Vec<Chain>,
    /// Chains by the hash of their peers; a power of two.
    table: Box<[u32]>,
}

impl Replies {
    pub(super) fn with_capacity(replies: usize) -> Replies {
        Replies {
            entries: Vec::with_capacity(replies),
            chains: Vec::with_capacity(replies),
            table: vec![NONE; (replies.max(PROBES) * 2).next_power_of_two()].into(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    #[inline]
    pub(super) fn push(&mut self, reply: Reply) {
        let (peer, index) = (reply.peer, self.entries.len() as u32);
        self.entries.push(Entry { reply: Some(reply), next: NONE });
        let chain = self.chain_of(&peer);
        let Some(chain) = self.chains.get_mut(chain as usize) else { return };
        if chain.first == NONE {
            chain.first = index;
        } else if let Some(last) = self.entries.get_mut(chain.last as usize) {
            last.next = index;
        }
        chain.last = index;
    }

    /// The chain of a peer, perhaps a new one.
    #[inline]
    fn chain_of(&mut self, peer: &SocketAddr) -> u32 {
        let newest = self.chains.len() as u32;
        if self.chains.last().is_some_and(|chain| chain.peer == *peer) {
            return newest - 1;
        }
        let begin = hash(peer);
        let mut free = NONE;
        for probe in 0..PROBES {
            let place = begin.wrapping_add(probe) & (self.table.len() - 1);
            match self.table.get(place).copied() {
                Some(NONE) | None => {
                    free = place as u32;
                    break;
                }
                Some(chain) if self.chains.get(chain as usize).is_some_and(|chain| chain.peer == *peer) => {
                    return chain;
                }
                Some(_) => {}
            }
        }
        if let Some(place) = self.table.get_mut(free as usize) {
            *place = newest;
        }
        self.chains.push(Chain { peer: *peer, first: NONE, last: NONE, place: free });
        newest
    }

    /// Takes all of them out, grouped.
    pub(super) fn drain(&mut self, mut send: impl FnMut(Reply)) {
        for chain in self.chains.drain(..) {
            if let Some(place) = self.table.get_mut(chain.place as usize) {
                *place = NONE;
            }
            let mut index = chain.first;
            while let Some(entry) = self.entries.get_mut(index as usize) {
                index = entry.next;
                entry.reply.take().into_iter().for_each(&mut send);
            }
        }
        self.entries.clear();
    }
}

/// Spreads peers over the table; not more than that.
#[inline]
fn hash(peer: &SocketAddr) -> usize {
    let address = match peer.ip() {
        IpAddr::V4(address) => u64::from(address.to_bits()),
        IpAddr::V6(address) => (address.to_bits() >> 64) as u64 ^ address.to_bits() as u64,
    };
    let mixed = (address ^ u64::from(peer.port()) << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 40) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{BufferPool, Lock};
    use crate::random::Random;
    use std::collections::HashSet;

    #[test]
    fn peers_are_grouped_and_each_keeps_its_order() {
        let pool = BufferPool::builder().slices_per_region(256).lock(Lock::Off).build().unwrap();
        let mut replies = Replies::with_capacity(64);
        let mut random = Random::new(7);
        for round in 1..200 {
            // More than there is room for, in some rounds.
            let (count, peers) = (random.below(200), 1 + random.below(round) as u16);
            let ports: Vec<_> = (0..count).map(|_| 1 + random.below(peers.into()) as u16).collect();
            let sent: Vec<_> = ports.into_iter().zip(0u64..).collect();
            for (port, token) in &sent {
                let peer = SocketAddr::from(([127, 0, 0, 1], *port));
                replies.push(Reply { buffer: pool.take().unwrap(), peer, source: None, token: *token });
            }
            let mut out = Vec::new();
            replies.drain(|reply| out.push((reply.peer.port(), reply.token)));
            assert!(replies.is_empty() && out.len() == sent.len());
            let of = |list: &[(u16, u64)], port| {
                list.iter().filter(|one| one.0 == port).copied().collect::<Vec<_>>()
            };
            (1..=peers).for_each(|port| assert_eq!(of(&out, port), of(&sent, port)));
            // Few peers never find the table full.
            if peers <= 16 {
                let known: HashSet<_> = sent.iter().map(|one| one.0).collect();
                assert_eq!(out.chunk_by(|a, b| a.0 == b.0).count(), known.len());
            }
        }
        assert_eq!(pool.free(), 256);
    }
}
