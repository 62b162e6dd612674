//! TCP clients: connect, request, response, connect again.
//!
//! ```
//! use ringport::TcpClient;
//! use ringport::server::tcp::framing::Delimiter;
//! # let server = ringport::TcpServer::bind("[::1]:0")?
//! #     .framing(Delimiter::new(b'\n', 100).keep_delimiter())
//! #     .start(|message| _ = message.echo())?;
//! # let address = server.local_addr();
//!
//! let mut client = TcpClient::builder(address).framing(Delimiter::new(b'\n', 4096)).connect()?;
//! let response = client.request(b"hello\n")?;
//! assert_eq!(&response.bytes()[..], b"hello");
//! # server.stop()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A client is for one thread and works on the same queues and slices as a server. Each call waits until it is done or
//! its time is over:
//!
//! ```text
//!            ┌──────────────── lost: what was not answered fails, once ───────────────┐
//!            ▼                                                                        │
//!   not connected ── names, addresses in turn, pauses that grow ──► connected ── send ─► flush ─► receive
//!            ▲                                                                        ▲           │ slices
//!            └── cannot be reached in time: an error that names it                    └───────────┘
//! ```
//!
//! [Framings](crate::server::tcp::framing) and the [pauses](crate::server::tcp::Backoff) are those of the server.

mod builder;
mod calls;
mod connecting;
mod counters;
mod error;
mod line;
mod link;
mod response;
mod tcp_client;
mod unanswered;

pub use builder::TcpClientBuilder;
pub use counters::ClientCounters;
pub use error::ClientError;
pub use response::Response;
pub use tcp_client::TcpClient;
