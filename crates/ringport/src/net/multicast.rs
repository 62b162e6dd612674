//! Groups: datagrams that go to all who joined.

use std::io;
use std::net::{IpAddr, Ipv4Addr};

use socket2::InterfaceIndexOrAddress;

use super::error::SocketError;
use super::socket::UdpSocket;
use super::system::{self, told};
use crate::backend::sys::descriptor::AsFd;

/// The network interface that a group is joined on, or that datagrams to groups leave by.
///
/// ```
/// use ringport::net::Interface;
/// use std::net::Ipv4Addr;
///
/// assert_eq!(Interface::from(Ipv4Addr::LOCALHOST), Interface::Address(Ipv4Addr::LOCALHOST));
/// assert_eq!(Interface::from(1), Interface::Index(1));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Interface {
    /// The one that the system chooses, by its routes.
    #[default]
    Any,
    /// The one with this index, as `ip link` lists them, or `netsh interface ipv4 show interfaces` on Windows. Both
    /// families.
    Index(u32),
    /// The one that has this address. IPv4 only.
    Address(Ipv4Addr),
}

impl Interface {
    fn for_v4(self) -> InterfaceIndexOrAddress {
        match self {
            Interface::Any => InterfaceIndexOrAddress::Index(0),
            Interface::Index(index) => InterfaceIndexOrAddress::Index(index),
            Interface::Address(address) => InterfaceIndexOrAddress::Address(address),
        }
    }

    fn for_v6(self) -> Result<u32, SocketError> {
        match self {
            Interface::Any => Ok(0),
            Interface::Index(index) => Ok(index),
            Interface::Address(given) => Err(SocketError::InterfaceNeedsIndex { given }),
        }
    }
}

impl From<u32> for Interface {
    fn from(index: u32) -> Interface {
        Interface::Index(index)
    }
}

impl From<Ipv4Addr> for Interface {
    fn from(address: Ipv4Addr) -> Interface {
        Interface::Address(address)
    }
}

impl UdpSocket {
    /// Joins a group: its datagrams, sent to the socket's port, are received from now on. A dual-stack socket
    /// joins groups of both families.
    ///
    /// # Errors
    /// [`SocketError::NotAGroup`]; [`SocketError::InterfaceNeedsIndex`]; [`SocketError::System`] when the
    /// interface is unknown, the group was joined there already, or the limit of groups a socket is reached
    /// (`net.ipv4.igmp_max_memberships`).
    ///
    /// ```
    /// use ringport::UdpSocket;
    /// use std::net::Ipv4Addr;
    ///
    /// let socket = UdpSocket::bind("0.0.0.0:0")?;
    /// socket.join_multicast([239, 1, 2, 3], Ipv4Addr::LOCALHOST)?;
    /// socket.leave_multicast([239, 1, 2, 3], Ipv4Addr::LOCALHOST)?;
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn join_multicast(
        &self,
        group: impl Into<IpAddr>,
        interface: impl Into<Interface>,
    ) -> Result<(), SocketError> {
        let interface = interface.into();
        let joined = match a_group(group.into())? {
            IpAddr::V4(group) => self.options().join_multicast_v4_n(&group, &interface.for_v4()),
            IpAddr::V6(group) => self.options().join_multicast_v6(&group, interface.for_v6()?),
        };
        joined.map_err(SocketError::system("joining a multicast group"))
    }

    /// Leaves a group that was joined on this interface.
    ///
    /// # Errors
    /// As [`UdpSocket::join_multicast`]; [`SocketError::System`] when it was not joined there.
    ///
    /// ```
    /// use ringport::UdpSocket;
    /// use ringport::net::Interface;
    ///
    /// let socket = UdpSocket::bind("0.0.0.0:0")?;
    /// assert!(socket.leave_multicast([239, 1, 2, 3], Interface::Any).is_err());
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn leave_multicast(
        &self,
        group: impl Into<IpAddr>,
        interface: impl Into<Interface>,
    ) -> Result<(), SocketError> {
        let interface = interface.into();
        let left = match a_group(group.into())? {
            IpAddr::V4(group) => self.options().leave_multicast_v4_n(&group, &interface.for_v4()),
            IpAddr::V6(group) => self.options().leave_multicast_v6(&group, interface.for_v6()?),
        };
        left.map_err(SocketError::system("leaving a multicast group"))
    }

    /// Whether what this socket sends to a group reaches the members on this machine too. On by default.
    ///
    /// On Windows it is the other way round: whether this socket, as a member, gets what is sent on this machine.
    ///
    /// # Errors
    /// [`SocketError::System`]; in practice none.
    ///
    /// ```
    /// let socket = ringport::UdpSocket::bind("0.0.0.0:0")?;
    /// socket.multicast_loop(false)?;
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn multicast_loop(&self, on: bool) -> Result<(), SocketError> {
        let socket = self.options();
        self.both(|| socket.set_multicast_loop_v4(on), || socket.set_multicast_loop_v6(on))
    }

    /// How many routers a datagram to a group may pass, 0 to 255. 1 by default: it stays in its network.
    ///
    /// # Errors
    /// [`SocketError::System`] for a number above 255.
    ///
    /// ```
    /// let socket = ringport::UdpSocket::bind("0.0.0.0:0")?;
    /// socket.multicast_ttl(4)?;
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn multicast_ttl(&self, routers: u32) -> Result<(), SocketError> {
        let socket = self.options();
        self.both(|| socket.set_multicast_ttl_v4(routers), || socket.set_multicast_hops_v6(routers))
    }

    /// The interface that datagrams to groups leave by. By default the routes decide.
    ///
    /// On a socket of IPv6 an [`Interface::Address`] sets it for groups of IPv4 only, and any other for both
    /// families.
    ///
    /// # Errors
    /// [`SocketError::System`] for an interface that does not exist.
    ///
    /// ```
    /// use ringport::UdpSocket;
    /// use std::net::Ipv4Addr;
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0")?;
    /// socket.multicast_interface(Ipv4Addr::LOCALHOST)?;
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn multicast_interface(&self, interface: impl Into<Interface>) -> Result<(), SocketError> {
        let interface = interface.into();
        let socket = self.options();
        let v4 = || system::multicast::interface_v4(self.as_fd(), interface);
        let v6 = || interface.for_v6().map_or(Ok(()), |index| socket.set_multicast_if_v6(index));
        self.both(v4, v6)
    }

    /// Whether a socket bound to `0.0.0.0` or `[::]` gets the datagrams of all groups that any program on this
    /// machine joined, as Linux does by default, or only those that it joined itself.
    ///
    /// # Errors
    /// [`SocketError::System`] on a kernel that does not have the switch: before 4.20 for IPv6;
    /// [`SocketError::NotOffered`] for `true` on Windows, where a socket only ever gets the groups that it joined.
    ///
    /// ```
    /// let socket = ringport::UdpSocket::bind("0.0.0.0:0")?;
    /// socket.multicast_all(false)?;
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn multicast_all(&self, on: bool) -> Result<(), SocketError> {
        system::multicast::all(self.as_fd(), self.domain()?, on)
    }

    /// Groups of IPv4 concern both kinds of sockets, those of IPv6 only one.
    fn both(
        &self,
        v4: impl FnOnce() -> io::Result<()>,
        v6: impl FnOnce() -> io::Result<()>,
    ) -> Result<(), SocketError> {
        told::each_family(self.as_fd(), self.domain()?, v4, v6)
            .map_err(SocketError::system("setting how a socket sends to multicast groups"))
    }
}

fn a_group(group: IpAddr) -> Result<IpAddr, SocketError> {
    if group.is_multicast() { Ok(group) } else { Err(SocketError::NotAGroup { group }) }
}
