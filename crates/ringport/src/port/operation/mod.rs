//! Operations on files and sockets that belong to a port: started by any thread, done as a packet.
//!
//! ```text
//!   handle.receive(buffer, context) ─► the buffer is the operation's ─► Packet::Operation(done) ─► the buffer is yours
//! ```
//!
//! | here | in Windows |
//! | --- | --- |
//! | [`CompletionPort::associate_file`](crate::CompletionPort::associate_file) and the like | `CreateIoCompletionPort` with a handle and a key |
//! | [`PortFile::read_at`], [`PortFile::write_at`] | `ReadFile`, `WriteFile` with an `OVERLAPPED`, whose offset is named there |
//! | [`PortUdpSocket::receive`], [`receive_from`](PortUdpSocket::receive_from), [`receive_message`](PortUdpSocket::receive_message) | `WSARecv`, `WSARecvFrom`, `WSARecvMsg` |
//! | [`PortUdpSocket::send`], [`send_to`](PortUdpSocket::send_to) | `WSASend`, `WSASendTo` |
//! | [`PortTcpStream::receive`], [`send`](PortTcpStream::send) | `WSARecv`, `WSASend` |
//! | [`PortTcpStream::connect`] | `ConnectEx` |
//! | [`PortTcpListener::accept`] | `AcceptEx`, which gives the peer's address too |
//! | the context of an operation | the address of its `OVERLAPPED` |
//! | `skip_on_success` | `SetFileCompletionNotificationModes` with `FILE_SKIP_COMPLETION_PORT_ON_SUCCESS` |
//! | `cancel`, `cancel_all` | `CancelIoEx` with an `OVERLAPPED`, without one |
//! | `close`, or dropping the last clone of a handle | `CloseHandle`, `closesocket` |
//! | [`Done::result`] | the return value and the error of `GetQueuedCompletionStatus` |
//!
//! What belongs to each handle:
//!
//! - An operation that was started posts exactly one packet, well or not, at once or later. One that was not says
//!   why, gives its buffer back, and posts none.
//! - The datagrams of a socket fill its receives in the order they were started, and its sends leave in that order.
//!   On a stream one receive and one send are under way at a time, so its bytes keep their order, too. The
//!   operations of a file have no order.
//! - The packets of a handle are queued in that order by one thread, but several threads may take them and go on in
//!   any order. A completion queue on the port is the way to have them one at a time.
//! - 1,024 operations may be outstanding on a handle, unless [`set_limit`](PortUdpSocket::set_limit) says otherwise.
//!
//! On Windows these are the system's own operations, with its own rules where they differ:
//!
//! - A socket stays with its first port until all copies of it are closed
//!   ([`PortError::AssociatedBefore`](super::PortError::AssociatedBefore)). That port takes it again, once its handle was
//!   closed, if it is the same [`UdpSocket`](crate::UdpSocket) or a clone of it.
//! - All receives of a stream are the system's at once, and so are its sends; it keeps their order. A send is of less
//!   than 4 GiB.
//! - An operation counts against the limit of its handle until its packet is taken.
//! - A file that was not opened with `FILE_FLAG_OVERLAPPED` is opened once more (`ReOpenFile`), with the same rights.
//!   Others have to be allowed to open it; locks stay with the file that was given, which is kept open.

mod associate;
mod buffers;
mod common;
mod done;
mod error;
mod file;
mod handle;
mod opening;
mod started;
mod tcp_listener;
mod tcp_stream;
mod udp;

pub use crate::backend::plain::{Done, OperationBuffer};
pub use buffers::{ReadBuffer, WriteBuffer};
pub use done::{OperationFailure, OperationKind};
pub use error::{CancelError, LimitError, NotStarted, StartError};
pub use file::PortFile;
pub(super) use opening::Operations;
pub use started::{OperationId, Started};
pub use tcp_listener::PortTcpListener;
pub use tcp_stream::PortTcpStream;
pub use udp::PortUdpSocket;
