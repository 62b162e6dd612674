//! A UDP socket on a port.

use std::net::SocketAddr;

use ringport::UdpSocket;
use ringport::port::{
    CancelError, NotStarted, OperationId, PortError, PortUdpSocket, ReadBuffer, StartError, Started,
    WriteBuffer,
};

use super::Port;
use crate::World;
use crate::rig::bound;
use crate::system::number;

/// See the module.
pub(in crate::completion_port) struct Udp {
    world: World,
    inner: PortUdpSocket,
    pub(in crate::completion_port) address: SocketAddr,
}

impl Udp {
    /// A socket of its own, under this key.
    pub(in crate::completion_port) fn new(port: &Port, key: u64) -> Udp {
        Udp::associate(port, &bound(), key).unwrap()
    }

    pub(in crate::completion_port) fn associate(
        port: &Port,
        socket: &UdpSocket,
        key: u64,
    ) -> Result<Udp, PortError> {
        let world = &port.world;
        if world.noted("closed handle") == number(socket)
            && world.breaks("completion_port::associating::a_closed_handle_is_free")
        {
            return Err(PortError::AlreadyAssociated);
        }
        let inner = match port.inner.associate_udp(socket, key) {
            Err(PortError::AlreadyAssociated)
                if world.breaks("completion_port::associating::a_handle_has_one_port") =>
            {
                port.inner.associate_udp(&bound(), key)
            }
            result => result,
        };
        world.note("operations", 1);
        Ok(Udp { world: world.clone(), inner: inner?, address: socket.local_addr().unwrap() })
    }

    pub(in crate::completion_port) fn receive<B: ReadBuffer>(
        &self,
        buffer: B,
        context: u64,
    ) -> Result<Started, NotStarted<B>> {
        let result = self.inner.receive(buffer, context);
        if let Err(refused) = &result
            && matches!(refused.error, StartError::LimitReached { .. })
        {
            self.world.note("not started", context);
        }
        result
    }

    pub(in crate::completion_port) fn send_to<B: WriteBuffer>(
        &self,
        buffer: B,
        peer: SocketAddr,
        context: u64,
    ) -> Result<Started, NotStarted<B>> {
        self.inner.send_to(buffer, peer, context)
    }

    /// To the connected peer.
    pub(in crate::completion_port) fn send<B: WriteBuffer>(
        &self,
        buffer: B,
        context: u64,
    ) -> Result<Started, NotStarted<B>> {
        self.inner.send(buffer, context)
    }

    pub(in crate::completion_port) fn set_limit(&self, operations: usize) {
        self.inner.set_limit(operations).unwrap();
    }

    pub(in crate::completion_port) fn outstanding(&self) -> usize {
        self.inner.outstanding()
    }

    pub(in crate::completion_port) fn skip_on_success(&self) {
        self.world.note("skipping", 1);
        let ignored = self.world.breaks("completion_port::skipping::what_is_done_at_once_posts_no_packet");
        self.inner.skip_on_success(!ignored);
    }

    pub(in crate::completion_port) fn cancel(&self, operation: OperationId) -> Result<(), CancelError> {
        self.world.note("cancelled", 1);
        self.inner.cancel(operation)
    }

    pub(in crate::completion_port) fn cancel_all(&self) -> Result<usize, CancelError> {
        self.world.note("cancelled", 2);
        match self.inner.cancel_all() {
            Err(CancelError::NotFound)
                if self.world.breaks("completion_port::cancelling::nothing_to_cancel_is_not_found") =>
            {
                Ok(0)
            }
            result => result,
        }
    }

    /// Has the socket send itself a datagram.
    pub(in crate::completion_port) fn arrive(&self, bytes: &[u8]) {
        crate::rig::plain().send_to(bytes, self.address).unwrap();
    }

    pub(in crate::completion_port) fn close(self) {
        self.world.note("closed handle", number(self.inner.socket()));
        self.inner.close();
    }
}
