//! What faults make of completions on their way out of a queue.

use ringport::queue::CompletedBuffer;
use ringport::{Operation, Status};

use super::Done;
use super::scene::CONTEXT;
use crate::World;
use crate::system::{ECONNREFUSED, ENOBUFS};

/// Breaks one rule in what was dequeued, if that is asked for.
pub(super) fn completions(world: &World, done: &mut Vec<Done>) {
    order(world, done);
    number(world, done);
    statuses(world, done);
    contents(world, done);
}

fn order(world: &World, done: &mut [Done]) {
    if world.breaks("registered_io::dequeue::results_come_in_the_order_they_completed") {
        let other = done.windows(2).position(|pair| pair[0].context != pair[1].context);
        other.into_iter().for_each(|place| done.swap(place, place + 1));
    }
    if world.breaks("registered_io::order::receives_fill_in_the_order_of_posting")
        && world.noted("receives") == 16
    {
        for done in done.iter_mut().filter(|done| done.operation == Operation::Receive) {
            done.token = match done.token {
                3 => 4,
                4 => 3,
                token => token,
            };
        }
    }
}

/// Completions too many, or too few.
fn number(world: &World, done: &mut Vec<Done>) {
    let sends = done.iter().filter(|done| done.operation == Operation::Send).count();
    if sends >= 32 && world.breaks("registered_io::posting::an_accepted_request_completes_once") {
        done.push(done[0].again());
    }
    let refused = world.noted("refused");
    if refused > 0 && world.breaks("registered_io::posting::a_refused_request_makes_no_completion") {
        world.note("refused", 0);
        done.push(Done::made_up(Operation::Receive, CONTEXT, refused, Status::Success));
    }
    if world.noted("idle commits") > 0 && world.breaks("registered_io::flags::a_commit_makes_no_completion") {
        done.push(Done::made_up(Operation::Send, CONTEXT, 0, Status::Success));
    }
    if world.breaks("registered_io::flags::silent_requests_can_be_dequeued") {
        done.retain(|done| world.noted("silent") != done.token + 1);
    }
    if world.noted("closed") > 0
        && world.breaks("registered_io::closing::what_is_outstanding_completes_as_aborted")
    {
        done.retain(|done| done.status != Status::Aborted);
    }
    if world.noted("cancelled") > 0
        && done.len() < 16
        && world.breaks("registered_io::pitfalls::cancelled_requests_are_aborted_once")
        && let Some(aborted) = done.iter().find(|done| done.status == Status::Aborted)
    {
        done.push(aborted.again());
    }
    if done.is_empty()
        && world.noted("starved") > 0
        && world.breaks("buffers::exhaustion::no_error_comes_meanwhile")
        && world.count("looks", 1) == 100
    {
        done.push(Done::made_up(Operation::Receive, CONTEXT, 5, Status::Failed(ENOBUFS)));
    }
    if world.noted("unreachable") > 0
        && world.breaks("registered_io::pitfalls::an_unreachable_peer_harms_no_receive")
    {
        let failed = Status::Failed(ECONNREFUSED);
        done.push(Done::made_up(Operation::Receive, CONTEXT, 0, failed));
    }
}

fn statuses(world: &World, done: &mut [Done]) {
    for done in done {
        if done.status == Status::Truncated && world.breaks("registered_io::pitfalls::cut_datagrams_say_so") {
            done.status = Status::Success;
        }
        if done.operation == Operation::Receive
            && world.noted("closed") > 0
            && world.breaks("registered_io::closing::what_had_finished_keeps_its_data")
        {
            done.status = Status::Aborted;
        }
    }
}

fn contents(world: &World, done: &mut [Done]) {
    for done in done {
        if world.noted("deregistered") > 0 && world.breaks("registered_io::memory::memory_in_flight_stays") {
            done.wipe();
        }
        if let CompletedBuffer::Unique(buffer) = &mut done.buffer
            && world.breaks("buffers::objects::a_completion_gives_back_all_of_its_buffer")
        {
            buffer.set_context(0);
        }
        if world.breaks("registered_io::addresses::control_messages_come_with_the_datagram") {
            done.control.clear();
        }
        if world.breaks("registered_io::addresses::the_local_address_comes_with_the_datagram") {
            done.local = None;
        }
        if let Some(peer) = done.peer.as_mut()
            && world.breaks("registered_io::addresses::the_source_comes_with_each_datagram")
        {
            if world.noted("first source") == 0 {
                world.note("first source", u64::from(peer.port()));
            }
            peer.set_port(world.noted("first source") as u16);
        }
    }
}
