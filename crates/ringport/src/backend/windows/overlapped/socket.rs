//! One socket, with the places of its operations.

use std::io;
use std::os::windows::io::RawSocket;

use windows_sys::Win32::Networking::WinSock::{
    ADDRESS_FAMILY, LPFN_ACCEPTEX, LPFN_CONNECTEX, LPFN_WSARECVMSG,
};

use super::super::carrier::{Means, Room, Ticket, Way};
use super::association::Association;
use super::home::Home;
use super::place::{Arena, Role, Spot};
use crate::backend::sys::descriptor::{AsFd, AsRawFd};
use crate::net::SocketHandle;

use super::super::extension;

/// Receives of datagrams that the kernel has at a time, of one socket. Each takes memory that it never swaps, about half
/// a kilobyte, and a call when it is begun again; more of them than come between two looks of a queue bring nothing,
/// since the socket's own buffer takes what comes when there are none. So four times what one look takes.
const MOST_RECEIVES: u32 = 256;
/// Sends of datagrams likewise: as many as one look takes.
const MOST_SENDS: u32 = 64;
/// Accepts likewise. Each holds a socket; the listener's own queue takes what comes beyond.
const MOST_ACCEPTS: u32 = 16;
/// Slices in one operation: as many as a request may have.
const PARTS: usize = 1024;

/// The functions that its kind of socket needs; the others stay empty.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Functions {
    pub(super) receive_message: LPFN_WSARECVMSG,
    pub(super) connect: LPFN_CONNECTEX,
    pub(super) accept: LPFN_ACCEPTEX,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) raw: RawSocket,
    /// Of a listener: what its connections are of.
    pub(super) family: ADDRESS_FAMILY,
    pub(super) functions: Functions,
    pub(super) association: Association,
    role: (Role, Role),
    most: (u32, u32),
    receives: Vec<Spot>,
    sends: Vec<Spot>,
}

impl Socket {
    /// Makes the socket known to the port that its packets go to.
    pub(super) fn new(handle: &SocketHandle, home: &Home, key: u32, calls: &mut u64) -> io::Result<Socket> {
        let (raw, socket) = (handle.as_raw_fd(), handle.as_fd());
        let mut family = 0;
        let (functions, role, most) = match handle {
            SocketHandle::Datagram(_) => {
                // A system that lacks a switch has its effect neither, or tells it, which is lived with.
                let _ = crate::backend::sys::option::ignore_resets(socket);
                *calls += 2;
                let most = (MOST_RECEIVES, MOST_SENDS);
                (
                    Functions {
                        receive_message: extension::receive_message(socket)?,
                        ..Functions::default()
                    },
                    (Role::Receive, Role::Send),
                    most,
                )
            }
            SocketHandle::Stream(_) => (
                Functions { connect: extension::connect_ex(socket)?, ..Functions::default() },
                (Role::Stream, Role::Stream),
                (1, 1),
            ),
            SocketHandle::Listener(_) => {
                let address = socket2::SockRef::from(&socket).local_addr()?;
                family = address.family();
                (
                    Functions { accept: extension::accept_ex(socket)?, ..Functions::default() },
                    (Role::Accept, Role::Stream),
                    (MOST_ACCEPTS, 1),
                )
            }
        };
        let association = Association::new(home, socket, key, calls)?;
        let (receives, sends) = (Vec::new(), Vec::new());
        Ok(Socket { raw, family, functions, association, role, most, receives, sends })
    }

    /// Has places for so many requests.
    pub(super) fn make_room(&mut self, arena: &mut Arena, room: Room) -> Means {
        let receives = room.receives.min(self.most.0) as usize;
        let sends = room.sends.min(self.most.1) as usize;
        for (spots, role, wanted) in
            [(&mut self.receives, self.role.0, receives), (&mut self.sends, self.role.1, sends)]
        {
            let more = wanted.saturating_sub(spots.len());
            // A connection has one each, and there may be many of them.
            spots.reserve_exact(more);
            spots.extend(arena.take(role, more));
        }
        Means {
            receives: self.receives.len() as u16,
            sends: self.sends.len() as u16,
            parts: PARTS,
            awaits: true,
            cuts: true,
        }
    }

    /// Gives its places back.
    pub(super) fn give_back(self, arena: &mut Arena) {
        arena.put(self.role.0, self.receives);
        arena.put(self.role.1, self.sends);
    }

    /// The place of an operation.
    #[inline]
    pub(super) fn spot(&self, ticket: Ticket) -> Option<Spot> {
        let spots = if ticket.way == Way::In { &self.receives } else { &self.sends };
        spots.get(usize::from(ticket.place)).copied()
    }

    /// All places.
    pub(super) fn spots(&self) -> impl Iterator<Item = Spot> {
        self.receives.iter().chain(&self.sends).copied()
    }
}
