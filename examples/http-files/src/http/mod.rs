//! HTTP/1.1 as far as a server of files needs it: bytes in, bytes out, no sockets and no files.
//!
//! ```text
//!   bytes ──► framing: where the head ends ──► request ──► target: which path ──► selection: which bytes
//!                                                │ refusal                                │
//!                                                └──────────────► answer: the head ◄──────┘
//! ```

pub(crate) mod answer;
pub(crate) mod framing;
pub(crate) mod media;
pub(crate) mod range;
pub(crate) mod request;
pub(crate) mod selection;
pub(crate) mod status;
pub(crate) mod target;
