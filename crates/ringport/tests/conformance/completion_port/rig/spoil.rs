//! What faults make of packets on their way out of a port.

use super::{Event, Finished, Outcome, Port};
use crate::World;

/// Contexts of operations whose packet a fault doubles.
const TWICE: [(u64, &str); 3] = [
    (100, "completion_port::operations::a_success_posts_one_packet"),
    (101, "completion_port::operations::a_failure_posts_one_packet"),
    (102, "completion_port::operations::what_is_done_at_once_posts_one_packet"),
];

/// A packet that comes without a wait.
pub(super) fn instead_of_waiting(world: &World) -> Option<Event> {
    let again = world.noted("again");
    if again > 0 {
        world.note("again", 0);
        return Some(Event::Done(Finished::made_up(again)));
    }
    let refused = world.noted("not started");
    if refused > 0 && world.breaks("completion_port::operations::what_cannot_start_posts_none") {
        world.note("not started", 0);
        return Some(Event::Done(Finished::made_up(refused)));
    }
    None
}

/// What becomes of a packet; nothing where it is lost.
pub(super) fn event(port: &Port, event: Event) -> Option<Event> {
    let world = &port.world;
    match event {
        Event::Posted(key, value) => Some(posted(world, key, value)),
        Event::Done(finished) => done(world, finished).map(Event::Done),
        Event::Ready(right) => {
            if world.count("packets of queues", 1) == 2
                && world.breaks("completion_port::queues::one_packet_comes_for_each_arming")
            {
                port.inner.post(right.key(), 0).unwrap();
            }
            Some(Event::Ready(right))
        }
    }
}

fn posted(world: &World, key: u64, value: u64) -> Event {
    if key == 3 && world.breaks("completion_port::waiting::packets_come_first_in_first_out") {
        let swapped = match value {
            10 => 11,
            11 => 10,
            value => value,
        };
        return Event::Posted(key, swapped);
    }
    Event::Posted(key, value)
}

fn done(world: &World, mut finished: Finished) -> Option<Finished> {
    if TWICE.iter().any(|(context, row)| finished.context == *context && world.breaks(row)) {
        world.note("again", finished.context);
    }
    if is_lost(world, &finished) {
        return None;
    }
    if world.breaks("completion_port::associating::the_key_comes_back") {
        finished.key += 1;
    }
    if finished.context == 42 && world.breaks("completion_port::operations::the_context_comes_back") {
        finished.context += 1;
    }
    if finished.context == 42 && world.breaks("completion_port::operations::the_buffer_comes_back") {
        finished.buffer = None;
    }
    if finished.outcome == Outcome::End
        && world.breaks("completion_port::operations::the_end_of_a_file_is_a_result_of_its_own")
    {
        finished.outcome = Outcome::Success(0);
    }
    if matches!(finished.outcome, Outcome::Failed(_))
        && finished.context == 61
        && world.breaks("completion_port::waiting::a_failure_carries_its_error")
    {
        finished.outcome = Outcome::Failed(None);
    }
    if finished.context == 71
        && world.breaks("completion_port::cancelling::what_had_finished_keeps_its_result")
    {
        finished.outcome = Outcome::Aborted;
    }
    if world.breaks("completion_port::operations::streams_accept_and_connect") {
        finished.stream = None;
    }
    Some(finished)
}

fn is_lost(world: &World, finished: &Finished) -> bool {
    if finished.outcome == Outcome::Aborted {
        return match world.noted("cancelled") {
            1 => world.breaks("completion_port::cancelling::a_cancelled_operation_posts_its_packet"),
            2 if finished.context == 2 => world.breaks("completion_port::cancelling::all_are_cancelled"),
            0 => world.breaks("completion_port::cancelling::closing_a_handle_aborts_its_operations"),
            _ => false,
        };
    }
    world.noted("skipping") > 0
        && world.breaks("completion_port::skipping::what_has_to_wait_posts_its_packet")
}
