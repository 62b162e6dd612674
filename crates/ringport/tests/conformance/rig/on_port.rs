//! What registered I/O has to do with a completion port.

use ringport::port::{Packets, PortError};
use ringport::queue::PortQueue;
use ringport::{CompletionPort, CompletionQueue, Completions, Ready, UdpSocket};

use super::Done;
use crate::World;

/// A completion queue that tells a port, with at most so many results for each of its packets.
pub(crate) fn queue_on(
    world: &World,
    port: &CompletionPort,
    size: usize,
    key: u64,
    results: usize,
) -> PortQueue {
    let key = match key {
        7 if world.breaks("registered_io::completion_queues::on_a_port_the_key_comes_back") => 8,
        key => key,
    };
    let results =
        if world.breaks("registered_io::pitfalls::results_of_a_packet_are_capped") { size } else { results };
    let builder = CompletionQueue::builder(size).backend(world.backend.choice);
    builder.results_per_packet(results).on(port, key).unwrap()
}

/// Takes what is there by the right that a packet brought.
pub(crate) fn drain(world: &World, ready: &mut Ready) -> Vec<Done> {
    let mut batch = Completions::with_capacity(64);
    ready.dequeue(&mut batch);
    let mut done: Vec<Done> = batch.drain().map(Done::from).collect();
    if done.len() > 1
        && ready.key() == 0
        && world.breaks("registered_io::order::a_stream_stays_in_order_whatever_thread_takes_it")
    {
        done.swap(0, 1);
    }
    done
}

/// Associates a socket with a port, for plain overlapped operations.
pub(crate) fn associate(world: &World, port: &CompletionPort, socket: &UdpSocket) -> Result<(), PortError> {
    match port.associate_udp(socket, 1).map(drop) {
        Err(PortError::AlreadyAssociated)
            if world.breaks("registered_io::pitfalls::plain_operations_do_not_mix_in") =>
        {
            Ok(())
        }
        result => result,
    }
}

/// Waits for packets, at most so many, and tells how many came.
pub(crate) fn wait_many(world: &World, port: &CompletionPort, most: usize) -> usize {
    let more = world.breaks("registered_io::pitfalls::batches_are_as_large_as_asked_for");
    let mut packets = Packets::with_capacity(if more { 2 * most } else { most });
    port.wait_many(&mut packets, Some(world.patience())).expect("packets")
}
