//! When a server asks the kernel which of its addresses a datagram came to.

/// When the kernel is asked for the local address of each datagram; it costs a few ten nanoseconds each.
///
/// ```
/// use ringport::UdpServer;
/// use ringport::server::LocalAddress;
///
/// let server = UdpServer::bind("0.0.0.0:0")?.local_address(LocalAddress::Never);
/// # Ok::<(), ringport::server::ServerError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LocalAddress {
    /// On a socket bound to `0.0.0.0` or `[::]`, whose own address does not say it. Replies then leave from
    /// the address that the datagram came to.
    #[default]
    WhenUnknown,
    /// Always: also on a socket bound to one address, to tell a group's datagrams from its own.
    Always,
    /// Never: [`Datagram::local`](super::Datagram::local) is the address the socket is bound to, and the
    /// routes choose where replies leave from.
    Never,
}
