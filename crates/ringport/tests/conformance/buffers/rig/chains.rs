//! What a program does with chains.

use ringport::{Buffer, BufferMut, Chain};

use super::Memory;
use crate::World;

/// One message of these buffers.
pub(in crate::buffers) fn join(world: &World, buffers: Vec<Buffer>) -> Chain {
    let mut buffers = buffers;
    if buffers.len() == 3 && world.breaks("buffers::chains::a_chain_is_one_message_in_order") {
        buffers.reverse();
    }
    if buffers.len() == 4 && world.breaks("buffers::chains::a_message_may_span_several_slices") {
        buffers.remove(0);
    }
    buffers.into()
}

/// Cuts a chain in two, after so many bytes.
pub(in crate::buffers) fn split(world: &World, memory: &Memory, chain: &mut Chain, at: usize) -> Chain {
    let first = chain.split_to(at).unwrap();
    if world.breaks("buffers::chains::cutting_copies_nothing") {
        let copy = |buffer: &Buffer| memory.take_with(buffer).map(BufferMut::freeze);
        return first.buffers().iter().map(copy).collect::<Result<_, _>>().unwrap();
    }
    first
}

/// Lets go of the first bytes of a chain.
pub(in crate::buffers) fn advance(world: &World, chain: &mut Chain, bytes: usize) {
    if world.breaks("buffers::chains::what_was_used_up_returns") {
        world.keep(chain.clone());
    }
    chain.advance(bytes).unwrap();
}
