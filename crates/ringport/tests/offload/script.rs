//! A handler that does with each datagram what its first bytes say, and what should come of it.
//!
//! ```text
//!   payload  | action | argument | bytes to answer ... |
//! ```

use std::net::SocketAddr;

use ringport::Datagram;
use ringport::server::SendError;

/// How many actions there are.
pub(crate) const ACTIONS: usize = 20;

/// What comes of a datagram.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// To who sent it, in this order.
    pub(crate) replies: Vec<Vec<u8>>,
    /// To somebody else.
    pub(crate) copy: Option<Vec<u8>>,
    /// What the handler takes along.
    pub(crate) taken: Option<Vec<u8>>,
}

/// The action and the argument of a payload.
fn words(payload: &[u8]) -> (usize, u8) {
    // One that is too short to say anything is answered.
    let action = payload.first().map_or(1, |byte| usize::from(*byte) % ACTIONS);
    (action, payload.get(1).copied().unwrap_or(7))
}

/// How long an answer is that is longer than its question, where `longest` is allowed.
fn longer(payload: &[u8], argument: u8, longest: usize) -> usize {
    (payload.len() + 1 + usize::from(argument) * 3).min(longest)
}

/// What should come of a payload, which was cut off already.
pub(crate) fn outcome(payload: &[u8], longest: usize) -> Outcome {
    let (action, argument) = words(payload);
    let inverted = || payload.iter().map(|byte| !byte).collect::<Vec<u8>>();
    let all = || Some(payload.to_vec());
    let filled = |length: usize| {
        let mut bytes = payload.to_vec();
        bytes.resize(length, argument);
        Some(bytes)
    };
    let (reply, copy, taken) = match action {
        0 | 11 | 13 => (None, None, None),
        1 => (all(), None, None),
        2 => (Some(payload[..payload.len() / 2].to_vec()), None, None),
        3 => (filled(longer(payload, argument, longest)), None, None),
        4 => (Some(vec![argument; longer(payload, argument, longest)]), None, None),
        5 => (Some(payload[..payload.len() / 3].to_vec()), None, None),
        6 | 7 | 15 => (None, None, all()),
        8 | 17 => (all(), all(), None),
        9 => (None, all(), None),
        10 => (Some(inverted()), None, None),
        12 => (Some(Vec::new()), None, None),
        14 => (filled(longest), None, None),
        16 => (all(), None, all()),
        18 => (Some(vec![argument; payload.len()]), None, None),
        _ => {
            let replies = vec![payload.to_vec(), inverted()];
            return Outcome { replies, copy: None, taken: None };
        }
    };
    Outcome { replies: reply.into_iter().collect(), copy, taken }
}

/// Does it. What is taken along goes to `take`, as a view that is held or as a copy.
pub(crate) fn act(
    mut datagram: Datagram<'_>,
    longest: usize,
    third: SocketAddr,
    take: &dyn Fn(Taken),
) -> Result<(), SendError> {
    let payload = datagram.payload();
    let (length, (action, argument)) = (payload.len(), words(payload));
    let long = longer(payload, argument, longest);
    match action {
        0 => {}
        1 => datagram.reply(),
        2 => return datagram.reply_len(length / 2),
        3 => {
            datagram.slice_mut()[length..long].fill(argument);
            return datagram.reply_len(long);
        }
        4 => return datagram.reply_with(&vec![argument; long]),
        5 => {
            let start = datagram.payload()[..length / 3].to_vec();
            return datagram.reply_with(&start);
        }
        6 => take(Taken::View(datagram.keep())),
        7 => take(Taken::Copy(datagram.copy_out()?)),
        8 => {
            datagram.send_copy(third, datagram.payload())?;
            datagram.reply();
        }
        9 => datagram.send_copy(third, datagram.payload())?,
        10 => {
            datagram.payload_mut().iter_mut().for_each(|byte| *byte = !*byte);
            datagram.reply();
        }
        11 => datagram.slice_mut().fill(0xee),
        12 => return datagram.reply_with(b""),
        13 => match datagram.reply_len(longest + 1) {
            Err(SendError::TooLong(_)) => {}
            other => return other,
        },
        14 => {
            datagram.slice_mut()[length..].fill(argument);
            return datagram.reply_len(longest);
        }
        15 => {
            datagram.slice_mut()[length..].fill(argument);
            take(Taken::View(datagram.keep()));
        }
        16 => {
            datagram.slice_mut()[length..].fill(argument);
            take(Taken::Copy(datagram.copy_out()?));
            datagram.reply();
        }
        17 => {
            datagram.slice_mut()[length..].fill(argument);
            datagram.send_copy(third, datagram.payload())?;
            datagram.reply();
        }
        18 => return datagram.reply_with(&vec![argument; length]),
        _ => {
            datagram.send_copy(datagram.peer(), datagram.payload())?;
            datagram.payload_mut().iter_mut().for_each(|byte| *byte = !*byte);
            datagram.reply();
        }
    }
    Ok(())
}

/// What a handler took along.
pub(crate) enum Taken {
    View(ringport::Buffer),
    Copy(ringport::BufferMut),
}

impl Taken {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Taken::View(buffer) => buffer,
            Taken::Copy(buffer) => buffer,
        }
    }
}
