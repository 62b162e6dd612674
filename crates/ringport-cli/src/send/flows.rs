//! The generator's sockets: one a flow, each connected, so that each has a source port of its own and hears when
//! nobody listens at the target.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Domain, Socket, Type};

use crate::descriptors;
use crate::failure::Failure;
use crate::sys::datagrams;

use super::plan::Plan;

/// Asked for the replies of an open loop, which arrive whether anybody looks or not.
const RECEIVE_BUFFER: usize = 4 << 20;

/// The sockets of a run.
pub(crate) struct Flows {
    sockets: Vec<Socket>,
}

impl Flows {
    pub(crate) fn connect(plan: &Plan) -> Result<Flows, Failure> {
        descriptors::make_room(plan.flows.into(), "sockets")?;
        let ports: Vec<u16> =
            std::iter::once(plan.target.port()).chain(plan.also_ports.iter().copied()).collect();
        let target = |flow: u32| SocketAddr::new(plan.target.ip(), ports[flow as usize % ports.len()]);
        let sockets: std::io::Result<Vec<_>> = (0..plan.flows).map(|flow| connect(target(flow))).collect();
        let sockets = sockets.map_err(|error| {
            Failure::failed(format!("could not open {} sockets to {}: {error}", plan.flows, plan.address))
        })?;
        Ok(Flows { sockets })
    }

    /// The socket with this number, and the number itself modulo the flows.
    pub(crate) fn turn(&self, turn: u64) -> (u32, &Socket) {
        let flow = (turn % self.sockets.len() as u64) as u32;
        (flow, &self.sockets[flow as usize])
    }

    pub(crate) fn sockets(&self) -> &[Socket] {
        &self.sockets
    }
}

fn connect(target: SocketAddr) -> std::io::Result<Socket> {
    let any: SocketAddr = match target {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = Socket::new(Domain::for_address(target), Type::DGRAM, None)?;
    socket.bind(&any.into())?;
    socket.connect(&target.into())?;
    datagrams::prepare(&socket)?;
    // The kernel grants what it allows; a smaller buffer only means that replies may be lost on our side.
    let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
    Ok(socket)
}
