//! The Redis protocol (RESP, version 2) as pure functions over bytes.
//!
//! ```text
//!   *3\r\n  $3\r\nSET\r\n  $3\r\nkey\r\n  $5\r\nvalue\r\n     an array of words, as programs send it
//!   SET key "a value"\r\n                                    a line, as people type it
//!   └──────────── one message: Commands ────────────┘
//!       └──── cut into Words ────┘
//! ```
//!
//! [`Commands`] finds where a command ends, [`Words`] cuts it, [`Reply`] writes the answer.

mod commands;
mod error;
mod head;
mod limits;
mod number;
mod reply;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use commands::Commands;
pub(crate) use limits::Limits;
pub(crate) use number::{Decimal, parse};
pub(crate) use reply::Reply;
pub(crate) use words::{Cuts, Words};
