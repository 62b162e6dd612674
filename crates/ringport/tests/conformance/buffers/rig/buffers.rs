//! What a program does with a buffer that it got.

use ringport::queue::CompletedBuffer;
use ringport::{Buffer, BufferMut};

use super::Plan;
use crate::World;
use crate::rig::Done;

/// The same bytes in a slice of another pool.
fn copied(bytes: &[u8]) -> Buffer {
    let plan = Plan { slice_size: bytes.len().max(1), slices: 1, ..Plan::default() };
    plan.builder().build().unwrap().take_with(bytes).unwrap().freeze()
}

/// The slice of a completed receive.
pub(in crate::buffers) fn received(done: Done) -> BufferMut {
    match done.buffer {
        CompletedBuffer::Unique(buffer) => buffer,
        other => panic!("{other:?}"),
    }
}

/// Keeps the buffer of a completion.
pub(in crate::buffers) fn keep(world: &World, done: Done) -> Buffer {
    let buffer = received(done);
    if world.breaks("buffers::objects::a_buffer_outlives_its_completion") {
        return copied(&buffer);
    }
    buffer.freeze()
}

/// One more reference.
pub(in crate::buffers) fn share(world: &World, buffer: &Buffer) -> Buffer {
    if world.breaks("buffers::objects::the_last_reference_returns_the_slice") {
        return copied(buffer);
    }
    buffer.clone()
}

/// Drops buffers on another thread.
pub(in crate::buffers) fn drop_elsewhere(world: &World, buffers: Vec<BufferMut>) {
    if world.breaks("buffers::objects::a_slice_returns_from_any_thread") {
        return world.keep(buffers);
    }
    std::thread::spawn(move || drop(buffers)).join().unwrap();
}

/// Returns a slice for which somebody waits.
pub(in crate::buffers) fn give_back(world: &World, buffer: BufferMut) {
    if world.breaks("buffers::exhaustion::a_slice_that_returns_wakes_the_receive") {
        return world.keep(buffer);
    }
    std::thread::spawn(move || drop(buffer)).join().unwrap();
}
