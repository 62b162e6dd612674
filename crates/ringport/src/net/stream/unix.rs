//! Unix sockets: the ways in for those that were opened by the standard library.

use std::os::unix::net::{UnixListener, UnixStream};

use super::{StreamListener, StreamSocket};

impl From<UnixStream> for StreamSocket {
    fn from(stream: UnixStream) -> StreamSocket {
        // It cannot fail for a socket that is open.
        let _ = stream.set_nonblocking(true);
        StreamSocket::from_owned(stream.into())
    }
}

impl From<UnixListener> for StreamListener {
    fn from(listener: UnixListener) -> StreamListener {
        let _ = listener.set_nonblocking(true);
        StreamListener::from_owned(listener.into())
    }
}
