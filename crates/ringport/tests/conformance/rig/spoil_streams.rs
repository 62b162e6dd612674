//! What faults make of the completions of streams on their way out of a queue.

use ringport::queue::CompletedBuffer;
use ringport::{Operation, Status};

use super::Done;
use crate::World;
use crate::system::{ECONNRESET, number};

/// Breaks one rule of streams in what was dequeued, if that is asked for.
pub(super) fn completions(world: &World, done: &mut Vec<Done>) {
    for done in done.iter_mut() {
        of_accepts(world, done);
        of_waiting_for_all(world, done);
        of_bytes(world, done);
    }
    if world.breaks("registered_io::streams::the_end_completes_every_receive") {
        let is_end = |done: &Done| {
            (done.operation, done.status, done.bytes) == (Operation::Receive, Status::Success, 0)
        };
        done.retain(|done| !is_end(done) || world.count("ends", 1) == 1);
    }
    if world.noted("connects") > 0 && world.breaks("registered_io::streams::sends_wait_for_the_connection") {
        for done in done.iter_mut() {
            done.operation = match done.operation {
                Operation::Connect => Operation::Send,
                Operation::Send => Operation::Connect,
                other => other,
            };
        }
    }
}

fn of_accepts(world: &World, done: &mut Done) {
    if done.stream.is_some()
        && world.breaks("registered_io::streams::an_accept_brings_its_connection")
        && world.count("accepts", 1) == 2
    {
        done.stream = None;
    }
    if let Some(stream) = &done.stream {
        world.note("accepted", number(stream));
    }
}

fn of_waiting_for_all(world: &World, done: &mut Done) {
    if world.noted("waits for all") == 0 || done.bytes == 0 {
        return;
    }
    let lost = match done.status {
        Status::Success => {
            done.bytes < 256 && world.breaks("registered_io::streams::waiting_for_all_ends_with_the_stream")
        }
        Status::Aborted => world.breaks("registered_io::streams::waiting_for_all_ends_when_cancelled"),
        _ => false,
    };
    if lost {
        (done.bytes, done.buffer) = (0, CompletedBuffer::None);
    }
}

fn of_bytes(world: &World, done: &mut Done) {
    if done.operation == Operation::Receive
        && world.noted("receives") == 4
        && world.breaks("registered_io::order::bytes_of_a_stream_fill_receives_in_the_order_of_posting")
    {
        done.token = match done.token {
            1 => 2,
            2 => 1,
            token => token,
        };
    }
    if done.operation == Operation::Send
        && done.bytes > 4096
        && world.breaks("registered_io::streams::a_send_leaves_whole")
    {
        done.bytes /= 2;
    }
    if done.status == Status::Failed(ECONNRESET)
        && world.breaks("registered_io::streams::a_reset_fails_what_is_pending")
    {
        done.status = Status::Success;
    }
}
