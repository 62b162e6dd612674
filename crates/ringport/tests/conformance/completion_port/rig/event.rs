//! What a port delivers, taken apart so that a fault can change every part of it.

use std::net::TcpStream;

use ringport::Packet;
use ringport::port::{Done, OperationBuffer, OperationFailure};

use super::Right;
use crate::World;

/// One packet.
#[derive(Debug)]
pub(in crate::completion_port) enum Event {
    Posted(u64, u64),
    Done(Finished),
    Ready(Right),
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::completion_port) enum Outcome {
    Success(usize),
    End,
    Aborted,
    /// The system's error, or none of them.
    Failed(Option<i32>),
}

/// An operation that is done.
#[derive(Debug)]
pub(in crate::completion_port) struct Finished {
    pub(in crate::completion_port) key: u64,
    pub(in crate::completion_port) context: u64,
    pub(in crate::completion_port) outcome: Outcome,
    pub(in crate::completion_port) received: Vec<u8>,
    pub(in crate::completion_port) stream: Option<TcpStream>,
    pub(in crate::completion_port) buffer: Option<OperationBuffer>,
}

impl From<Done> for Finished {
    fn from(done: Done) -> Finished {
        let outcome = match done.result() {
            Ok(bytes) => Outcome::Success(bytes),
            Err(OperationFailure::EndOfFile) => Outcome::End,
            Err(OperationFailure::Aborted) => Outcome::Aborted,
            Err(OperationFailure::Failed(error)) => Outcome::Failed(error.raw_os_error()),
            Err(_) => Outcome::Failed(None),
        };
        let (key, context, received) = (done.key(), done.context(), done.received().to_vec());
        let (stream, buffer) = match done.kind() {
            ringport::port::OperationKind::Accept => (done.into_stream(), None),
            _ => (None, Some(done.into_buffer())),
        };
        Finished { key, context, outcome, received, stream, buffer }
    }
}

impl Finished {
    /// One that never was.
    pub(super) fn made_up(context: u64) -> Finished {
        let outcome = Outcome::Success(0);
        Finished { key: 1, context, outcome, received: Vec::new(), stream: None, buffer: None }
    }
}

impl Event {
    pub(super) fn new(world: &World, packet: Packet) -> Event {
        match packet {
            Packet::Posted { key, value } => Event::Posted(key, value),
            Packet::Operation(done) => Event::Done(Finished::from(done)),
            Packet::Ready(ready) => Event::Ready(Right::new(world, ready)),
            other => panic!("a packet of another kind: {other:?}"),
        }
    }
}
