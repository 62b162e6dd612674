//! Reservations of a pool, and a server whose connections live on them.

use std::io::{Read, Write};
use std::net::TcpStream;

use ringport::memory::{Reservation, ReserveRefused, ReservedTakeError};
use ringport::server::tcp::TcpRunning;
use ringport::{BufferMut, Lock, TcpServer};

use super::Memory;
use crate::World;

/// What one connection has reserved.
pub(in crate::buffers) struct Reserve<'memory> {
    world: World,
    memory: &'memory Memory,
    inner: Reservation,
}

impl<'memory> Reserve<'memory> {
    pub(in crate::buffers) fn new(
        world: &World,
        memory: &'memory Memory,
        slices: usize,
    ) -> Result<Reserve<'memory>, ReserveRefused> {
        let inner = match memory.inner().reserve(slices) {
            Err(_) if world.breaks("buffers::reservations::what_cannot_be_had_is_refused") => {
                memory.inner().reserve(0)
            }
            result => result,
        };
        if slices == 5 && world.breaks("buffers::reservations::a_reserve_takes_no_slice") {
            world.keep(memory.take_many(slices));
        }
        Ok(Reserve { world: world.clone(), memory, inner: inner? })
    }

    pub(in crate::buffers) fn take(&mut self) -> Result<BufferMut, ReservedTakeError> {
        match self.inner.take() {
            Err(ReservedTakeError::Quota(_))
                if self.world.breaks("buffers::reservations::a_connection_keeps_to_its_reserve") =>
            {
                Ok(self.memory.take()?)
            }
            result => result,
        }
    }

    /// As many as it can get.
    pub(in crate::buffers) fn take_all(&mut self) -> Vec<BufferMut> {
        let mut taken: Vec<_> = std::iter::from_fn(|| self.inner.take().ok()).collect();
        if self.world.breaks("buffers::reservations::established_connections_never_starve") {
            taken.extend(std::iter::from_fn(|| self.memory.take().ok()));
        }
        taken
    }

    /// The connection ends.
    pub(in crate::buffers) fn end(self) {
        if self.world.breaks("buffers::reservations::a_reserve_ends_with_its_connection") {
            self.world.keep(self.inner);
        }
    }
}

/// An echo server with memory for so many connections.
pub(in crate::buffers) struct Door {
    world: World,
    running: TcpRunning,
}

impl Door {
    pub(in crate::buffers) fn new(world: &World, connections: usize) -> Door {
        let server = TcpServer::bind("127.0.0.1:0").unwrap().backend(world.backend.choice).lock(Lock::Off);
        let server = server.slice_size(1024).largest_reply(1024).max_connections(connections);
        let running = server.start(|message| _ = message.echo()).unwrap();
        Door { world: world.clone(), running }
    }

    pub(in crate::buffers) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.running.local_addr()).unwrap();
        stream.set_read_timeout(Some(self.world.patience())).unwrap();
        stream
    }

    /// Whether the server answers over a connection.
    pub(in crate::buffers) fn serves(&self, mut stream: &TcpStream) -> bool {
        stream.write_all(b"ping").and_then(|()| stream.read_exact(&mut [0; 4])).is_ok()
    }

    /// Connections that were turned away.
    pub(in crate::buffers) fn refused(&self) -> u64 {
        if self.world.breaks("buffers::reservations::a_refusal_at_the_door_is_counted") {
            return 0;
        }
        let counters = self.running.handle().counters();
        counters.refused_full + counters.refused_memory
    }
}
