//! What stands before a payload: the address at the start, and before the control data its length, as registered
//! I/O wants it (`RIO_CMSG_BUFFER`). Overlapped calls take the same places and leave that length alone.
//!
//! ```text
//!   0                   32      40                 48
//!   | name              | free  | control's length | control ...
//! ```

/// Where the peer's socket address stands.
pub(crate) const NAME_OFFSET: usize = 0;
/// Room for a socket address (`SOCKADDR_INET` takes 28 bytes of it).
pub(crate) const NAME_LEN: usize = 32;
/// Where the `RIO_CMSG_BUFFER` stands that ends where the control data begins.
pub(crate) const CONTROL_LENGTH_OFFSET: usize = CONTROL_OFFSET - 8;
/// Where the control data stands.
pub(crate) const CONTROL_OFFSET: usize = 48;
