//! What the ring hands back with each completion: whose it is, and of which of their requests.
//!
//! ```text
//!   user data   [ 0: 24 bits | key: 32 bits | tag: 8 bits ]
//! ```

/// What an entry of the ring belongs to, kept in the low byte of its user data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Receive,
    PollWrite,
    CancelReceive,
    CancelPollWrite,
    Wake,
}

/// The user data of an entry.
pub(super) fn user_data(key: u32, tag: Tag) -> u64 {
    u64::from(key) << 8 | tag as u64
}

/// The key and tag of a completion.
pub(super) fn operation_of(user_data: u64) -> (u32, Tag) {
    let tag = match user_data & 0xff {
        0 => Tag::Receive,
        1 => Tag::PollWrite,
        2 => Tag::CancelReceive,
        3 => Tag::CancelPollWrite,
        _ => Tag::Wake,
    };
    ((user_data >> 8) as u32, tag)
}
