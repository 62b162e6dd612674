//! Chains: buffers seen as one message, and never copied.

use ringport::{Buffer, BufferMut, Chain};

use super::rig::{Memory, Plan, advance, join, received, split};
use crate::World;
use crate::framework::row::{Table, row};
use crate::rig::{Scene, SendAs, limits};

pub(super) const TABLE: Table = Table {
    name: "chains",
    title: "Chains",
    rows: &[
        row!(
            a_chain_is_one_message_in_order,
            "A chain is the bytes of its buffers, first to last.",
            broken by "last to first",
        ),
        row!(
            cutting_copies_nothing,
            "A chain is cut anywhere without a copy: both parts lie where the whole lay, and no slice is taken.",
            broken by "the first part is a copy",
        ),
        row!(
            what_was_used_up_returns,
            "Bytes that are let go of return their slices, one by one.",
            broken by "they are kept with the chain",
        ),
        row!(
            a_message_may_span_several_slices,
            "A message that comes in parts is received slice by slice, chained, and whole when its end is there.",
            broken by "its first part is lost",
        ),
        row!(
            a_chain_of_views_is_sent_as_one,
            "A header before parts of what was received leaves as one datagram, without a copy.",
            broken by "the header is left out",
        ),
    ],
};

/// A slice for each part.
fn slices(memory: &Memory, parts: &[&[u8]]) -> Vec<Buffer> {
    parts.iter().map(|part| memory.take_with(part).unwrap().freeze()).collect()
}

/// Where each buffer lies, and how long it is.
fn places(chain: &Chain) -> Vec<(*const u8, usize)> {
    chain.buffers().iter().map(|buffer| (buffer.as_ptr(), buffer.len())).collect()
}

fn a_chain_is_one_message_in_order(world: &World) {
    let memory = Memory::new(world, Plan::default()).unwrap();
    let chain = join(world, slices(&memory, &[b"one ", b"two ", b"three"]));
    assert_eq!((chain.len(), chain.to_vec()), (13, b"one two three".to_vec()));
    assert_eq!((chain.find(b'w'), chain.find(b'h')), (Some(5), Some(9)));
}

fn cutting_copies_nothing(world: &World) {
    let memory = Memory::new(world, Plan { slices: 8, ..Plan::default() }).unwrap();
    let mut rest: Chain = slices(&memory, &[b"abc", b"defg", b"hi"]).into();
    let whole = places(&rest);
    let first = split(world, &memory, &mut rest, 5);
    assert_eq!((first.to_vec(), rest.to_vec()), (b"abcde".to_vec(), b"fghi".to_vec()));
    assert_eq!(places(&first), [whole[0], (whole[1].0, 2)]);
    assert_eq!(places(&rest), [(whole[1].0.wrapping_add(2), 2), whole[2]]);
    assert_eq!(memory.figures().used, 3);
}

fn what_was_used_up_returns(world: &World) {
    let memory = Memory::new(world, Plan::default()).unwrap();
    let mut chain: Chain = slices(&memory, &[b"abc", b"def"]).into();
    advance(world, &mut chain, 2);
    assert_eq!(memory.figures().used, 2);
    advance(world, &mut chain, 1);
    assert_eq!(memory.figures().used, 1);
    advance(world, &mut chain, 3);
    assert_eq!(memory.figures().used, 0);
}

fn a_message_may_span_several_slices(world: &World) {
    let mut scene = Scene::new(world, limits(4, 0));
    let message: Vec<u8> = (0..800u16).map(|number| (number >> 2) as u8).collect();
    scene.post(0..4);
    message.chunks(256).for_each(|part| scene.arrive(part));
    let parts: Vec<Buffer> = scene.take(4).into_iter().map(|done| received(done).freeze()).collect();
    let places: Vec<_> = parts.iter().map(|part| part.as_ptr()).collect();
    let chain = join(world, parts);
    assert_eq!(chain.to_vec(), message);
    assert!(chain.buffers().iter().map(|part| part.as_ptr()).eq(places), "it was copied");
    assert_eq!(scene.pool.figures().used, 4);
}

fn a_chain_of_views_is_sent_as_one(world: &World) {
    let mut scene = Scene::new(world, limits(1, 1));
    scene.post(0..1);
    scene.arrive(b"what came in");
    let whole = received(scene.take_one()).freeze();
    let header = BufferMut::freeze(scene.pool.filled(b"you said: "));
    let parts = [whole.view(..5).unwrap(), whole.view(10..).unwrap()];
    let chain: Chain = [header].into_iter().chain(parts).collect();
    scene.requests.send_as(SendAs::to(scene.client_address()), chain, 0).unwrap();
    assert_eq!(scene.reply(), b"you said: what in");
    assert_eq!(scene.pool.figures().used, 2);
}
