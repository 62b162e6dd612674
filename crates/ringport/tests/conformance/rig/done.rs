//! A completion, taken apart so that a fault can change every part of it.

use std::net::{IpAddr, SocketAddr};

use ringport::queue::CompletedBuffer;
use ringport::{Completion, Operation, Status, StreamSocket};

/// See the module.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) operation: Operation,
    pub(crate) token: u64,
    pub(crate) context: u64,
    pub(crate) status: Status,
    pub(crate) bytes: usize,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) local: Option<IpAddr>,
    /// The control messages, as they print.
    pub(crate) control: Vec<String>,
    pub(crate) buffer: CompletedBuffer,
    /// What an accept brought.
    pub(crate) stream: Option<StreamSocket>,
}

impl From<Completion> for Done {
    fn from(completion: Completion) -> Done {
        Done {
            operation: completion.operation(),
            token: completion.token(),
            context: completion.socket_context(),
            status: completion.status(),
            bytes: completion.bytes(),
            peer: completion.peer(),
            local: completion.local(),
            control: completion.control().map(|message| format!("{message:?}")).collect(),
            buffer: CompletedBuffer::None,
            stream: None,
        }
        .with_payload(completion)
    }
}

impl Done {
    fn with_payload(mut self, completion: Completion) -> Done {
        if completion.operation() == Operation::Accept {
            self.stream = completion.into_stream();
        } else {
            self.buffer = completion.into_buffer();
        }
        self
    }

    /// A completion that never was.
    pub(crate) fn made_up(operation: Operation, context: u64, token: u64, status: Status) -> Done {
        Done {
            operation,
            token,
            context,
            status,
            bytes: 0,
            peer: None,
            local: None,
            control: Vec::new(),
            buffer: CompletedBuffer::None,
            stream: None,
        }
    }

    /// The same once more, without its buffer.
    pub(crate) fn again(&self) -> Done {
        Done::made_up(self.operation, self.context, self.token, self.status)
    }

    /// All filled bytes, in order.
    pub(crate) fn content(&self) -> Vec<u8> {
        match &self.buffer {
            CompletedBuffer::Unique(buffer) => buffer.to_vec(),
            CompletedBuffer::Shared(buffer) => buffer.to_vec(),
            CompletedBuffer::ChainMut(chain) => chain.iter().collect::<Vec<_>>().concat(),
            CompletedBuffer::Chain(chain) => chain.to_vec(),
            _ => Vec::new(),
        }
    }

    /// Fills the slice of a request of one slice with zeroes.
    pub(super) fn wipe(&mut self) {
        if let CompletedBuffer::Unique(buffer) = &mut self.buffer {
            buffer.fill(0);
        }
    }
}

/// The tokens, in the order of the completions.
pub(crate) fn tokens(done: &[Done]) -> Vec<u64> {
    done.iter().map(|done| done.token).collect()
}
