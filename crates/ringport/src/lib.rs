//! Registered I/O for Rust servers.
//!
//! Memory is registered once and used in slices, request and completion queues are bounded, and completions are
//! taken in batches without a system call for each: the model of Windows Registered I/O (RIO), over io_uring on
//! Linux, and over epoll with `recvmmsg` and `sendmmsg` where io_uring is not allowed. On Windows it is Registered I/O
//! itself, or overlapped operations where that is missing; nobody has run it on a real Windows machine yet.
//!
//! # A server in a few lines
//!
//! ```
//! use ringport::UdpServer;
//!
//! fn main() -> Result<(), ringport::server::ServerError> {
//!     let server = UdpServer::bind("127.0.0.1:0")?;
//! #   server.handle().stop();
//!     server.run(|datagram| datagram.reply())?;
//!     Ok(())
//! }
//! ```
//!
//! [`UdpServer`] says which design, how many threads and how much memory that is, and how to change it.
//!
//! [`TcpServer`] is the same for connections, with a framing that makes messages of bytes.
//!
//! # The model itself
//!
//! ```
//! use ringport::{BufferPool, CompletionQueue, Completions, Limits, RequestQueue, UdpSocket};
//!
//! let pool = BufferPool::builder().slice_size(2048).slices_per_region(64).build()?;
//! let mut queue = CompletionQueue::builder(128).event()?;
//! let socket = UdpSocket::bind("127.0.0.1:0")?;
//! let limits = Limits { receives: 64, receive_buffers: 1, sends: 64, send_buffers: 1 };
//! let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
//!
//! requests.receive_from(pool.take()?, 1)?;                            // a posted receive is that slice
//! requests.send_to(pool.take_with(b"hello")?, socket.local_addr()?, 2)?;
//!
//! let mut completions = Completions::with_capacity(64);
//! let mut greeted = false;
//! while !greeted {
//!     queue.notify()?;                                                // arms one notification
//!     queue.wait(None)?;
//!     queue.dequeue(&mut completions);
//!     for completion in completions.drain() {
//!         if completion.token() == 1 {
//!             assert_eq!(completion.buffer().map(|buffer| &buffer[..]), Some(&b"hello"[..]));
//!             greeted = true;
//!         }
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Many threads
//!
//! On a [`CompletionPort`] any number of threads wait for files, sockets, completion queues and packets of your own, and
//! only so many of them run. The packet of a queue is [`Ready`], the exclusive right to drain it, so what comes from
//! one socket stays in order with no lock in your code.
//!
//! ```
//! use ringport::{CompletionPort, Packet};
//!
//! let port = CompletionPort::new(0)?;                                 // as many running threads as processors
//! std::thread::scope(|scope| {
//!     let worker = scope.spawn(|| match port.wait(None) {
//!         Ok(Packet::Posted { key, value }) => key + value,
//!         _ => 0,
//!     });
//!     port.post(40, 2)?;
//!     assert_eq!(worker.join().ok(), Some(42));
//!     Ok::<(), ringport::port::PacketRefused>(())
//! })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Rooms
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`memory`] | regions, pools, slices, chains: registered memory, known in advance |
//! | [`net`] | sockets, addresses, control messages |
//! | [`queue`] | request queues, completion queues, notification |
//! | [`port`] | completion ports: many threads, and only so many of them running |
//! | [`server`] | UDP and TCP servers in every design, counters, orderly stop |
//! | [`client`] | TCP clients whose requests have a time, and which connect again |
//! | [`backend`] | which backend runs, and why |
//! | [`notice`] | what the library says without being asked |

/// The programs of the page that introduces the project compile.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Introduction;

/// That of the page about many sockets, too.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/many-sockets.md")]
struct ManySockets;

mod advice;
pub mod backend;
pub mod client;
pub mod memory;
pub mod net;
pub mod notice;
pub mod port;
pub mod queue;
#[cfg(test)]
mod random;
pub mod server;

pub use backend::{BackendChoice, BackendKind};
pub use client::TcpClient;
pub use memory::{Buffer, BufferMut, BufferPool, Chain, ChainMut, HugePages, Lock, PoolFamily};
pub use net::{StreamListener, StreamSocket, UdpSocket};
pub use port::{CompletionPort, Packet, Packets};
pub use queue::{
    Committer, Completion, CompletionQueue, Completions, InOrder, Limits, Operation, PortQueue,
    PortRequestQueue, QueueError, Ready, Receive, Refused, RequestQueue, Send, Status, WaitOutcome, Waiting,
    Waker,
};
pub use server::tcp::TcpServer;
pub use server::{Datagram, Design, UdpServer};
