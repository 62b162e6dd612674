//! The client's builder.

use std::fmt;
use std::net::ToSocketAddrs;
use std::time::Duration;

use super::connecting::{Resolve, Target};
use super::counters::ClientCounters;
use super::error::ClientError;
use super::line::{Line, Memory};
use super::tcp_client::TcpClient;
use super::unanswered::Unanswered;
use crate::backend::{self, BackendChoice};
use crate::memory::{BufferPool, Lock};
use crate::net::resolve;
use crate::queue::{CompletionQueue, Completions, Waiting};
use crate::server::tcp::Backoff;
use crate::server::tcp::assembly::Assembly;
use crate::server::tcp::framing::{Framing, Raw};

const SLICE_SIZE: usize = 20 * 1024;
/// Slices on their way out: one is filled while others leave.
const WRITE_SLICES: usize = 4;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
const PIPELINE: usize = 1024;

/// What a [`TcpClient`] is made of. It may go to another thread, which the client may not.
///
/// ```
/// use ringport::TcpClient;
/// use ringport::server::tcp::Backoff;
/// use ringport::server::tcp::framing::LengthPrefix;
/// use std::time::Duration;
///
/// let builder = TcpClient::builder("localhost:9000")
///     .framing(LengthPrefix::four_bytes(1 << 20))
///     .connect_timeout(Duration::from_secs(3))
///     .request_timeout(Duration::from_secs(1))
///     .backoff(Backoff::new(Duration::from_millis(50), 2.0, Duration::from_secs(5))?);
/// let client = builder.build()?; // it connects when it is used
/// assert!(!client.is_connected());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "it makes a client when connect() or build() is called"]
pub struct TcpClientBuilder<F = Raw> {
    resolve: Resolve,
    text: String,
    framing: F,
    connect_timeout: Duration,
    request_timeout: Duration,
    rounds: Option<u32>,
    backoff: Backoff,
    resend: bool,
    pipeline: usize,
    slice_size: usize,
    spare_slices: usize,
    no_delay: bool,
    lock: Lock,
    backend: BackendChoice,
}

impl TcpClientBuilder<Raw> {
    pub(super) fn new(address: impl ToSocketAddrs + fmt::Debug + Send + 'static) -> TcpClientBuilder<Raw> {
        TcpClientBuilder {
            text: format!("{address:?}"),
            resolve: Box::new(move || resolve(&address)),
            framing: Raw,
            connect_timeout: CONNECT_TIMEOUT,
            request_timeout: REQUEST_TIMEOUT,
            rounds: None,
            backoff: Backoff::default(),
            resend: false,
            pipeline: PIPELINE,
            slice_size: SLICE_SIZE,
            spare_slices: 0,
            no_delay: true,
            lock: Lock::Preferred,
            backend: BackendChoice::Automatic,
        }
    }
}

impl<F: Framing + Clone> TcpClientBuilder<F> {
    /// How responses are told apart; [`Raw`] unless told otherwise. Each connection gets a copy.
    pub fn framing<G: Framing + Clone>(self, framing: G) -> TcpClientBuilder<G> {
        let TcpClientBuilder { resolve, text, framing: _, .. } = self;
        TcpClientBuilder {
            resolve,
            text,
            framing,
            connect_timeout: self.connect_timeout,
            request_timeout: self.request_timeout,
            rounds: self.rounds,
            backoff: self.backoff,
            resend: self.resend,
            pipeline: self.pipeline,
            slice_size: self.slice_size,
            spare_slices: self.spare_slices,
            no_delay: self.no_delay,
            lock: self.lock,
            backend: self.backend,
        }
    }

    /// How long connecting may take in all, pauses included: 10 seconds unless told otherwise. An attempt at one of
    /// several addresses may take its share of what is left.
    pub fn connect_timeout(mut self, time: Duration) -> Self {
        self.connect_timeout = time;
        self
    }

    /// How long a call may take in all, connecting anew included: 30 seconds unless told otherwise.
    pub fn request_timeout(mut self, time: Duration) -> Self {
        self.request_timeout = time;
        self
    }

    /// The pauses between rounds through all addresses. They begin anew with the first response of a connection, so
    /// a peer that takes connections and drops them is not asked faster than one that is not there.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// How many rounds through all addresses a call makes at most before it gives up; as many as there is time for
    /// unless told otherwise. With 1 a peer that is not there is told at once.
    pub fn rounds(mut self, rounds: u32) -> Self {
        self.rounds = Some(rounds);
        self
    }

    /// Whether requests without a response are sent once more when the connection is lost; off unless told
    /// otherwise. The peer may have seen them: switch it on only where a request that comes twice does what it
    /// does once. Their bytes are kept on the heap until they are answered.
    pub fn resend(mut self, on: bool) -> Self {
        self.resend = on;
        self
    }

    /// How many requests may be without a response: 1,024 unless told otherwise.
    pub fn pipeline(mut self, requests: usize) -> Self {
        self.pipeline = requests;
        self
    }

    /// The bytes of a slice: 20 KiB unless told otherwise.
    pub fn slice_size(mut self, bytes: usize) -> Self {
        self.slice_size = bytes;
        self
    }

    /// Slices beyond those that the client needs, for responses that are [kept](super::Response::keep): none unless
    /// told otherwise.
    pub fn spare_slices(mut self, slices: usize) -> Self {
        self.spare_slices = slices;
        self
    }

    /// Whether small messages leave at once (`TCP_NODELAY`); on unless told otherwise.
    pub fn no_delay(mut self, on: bool) -> Self {
        self.no_delay = on;
        self
    }

    /// Whether the memory is locked; preferred unless told otherwise.
    pub fn lock(mut self, lock: Lock) -> Self {
        self.lock = lock;
        self
    }

    /// Which backend carries it: epoll unless somebody says otherwise.
    pub fn backend(mut self, choice: BackendChoice) -> Self {
        self.backend = choice;
        self
    }

    /// Makes the client and connects it.
    ///
    /// # Errors
    /// Those of [`build`](TcpClientBuilder::build), and [`ClientError::Connect`].
    pub fn connect(self) -> Result<TcpClient<F>, ClientError> {
        let mut client = self.build()?;
        client.connect()?;
        Ok(client)
    }

    /// Makes the client: its memory and its queue. It connects with its first message.
    ///
    /// # Errors
    /// [`ClientError::Option`], [`ClientError::Memory`] and [`ClientError::Queue`].
    pub fn build(self) -> Result<TcpClient<F>, ClientError> {
        at_least_one("slice_size", self.slice_size)?;
        at_least_one("pipeline", self.pipeline)?;
        at_least_one("rounds", self.rounds.unwrap_or(1) as usize)?;
        let read_slices = Assembly::slices_needed(self.framing.longest(), self.slice_size);
        let slices = read_slices.saturating_add(WRITE_SLICES).saturating_add(self.spare_slices);
        let pool = BufferPool::builder().slice_size(self.slice_size).slices_per_region(slices);
        let pool = pool.regions(1..=1).control(0).lock(self.lock).build().map_err(ClientError::Memory)?;
        // All of it is promised, so that a queue keeps none of it for receives of many connections.
        let reservation = pool.reserve(slices).ok();
        let memory = Memory {
            _reservation: reservation,
            pool,
            slice_size: self.slice_size,
            read_slices,
            write_slices: WRITE_SLICES,
        };
        let limits = memory.limits();
        let places = (limits.receives + limits.sends) as usize;
        let queue = CompletionQueue::builder(places).backend(backend::for_streams(self.backend));
        let queue = queue.waiting(Waiting::Latency).event().map_err(ClientError::Queue)?;
        let line = Line {
            queue,
            completions: Completions::with_capacity(places),
            memory,
            counters: ClientCounters::default(),
        };
        let target = Target {
            resolve: self.resolve,
            text: self.text,
            timeout: self.connect_timeout,
            rounds: self.rounds,
            no_delay: self.no_delay,
            backoff: self.backoff,
            not_before: None,
            context: 0,
        };
        let unanswered = Unanswered::new(self.resend);
        Ok(TcpClient::new(line, target, self.framing, unanswered, self.request_timeout, self.pipeline))
    }
}

fn at_least_one(option: &'static str, asked: usize) -> Result<(), ClientError> {
    match asked {
        0 => Err(ClientError::Option { option, asked: "0".to_owned(), allowed: "1 or more".to_owned() }),
        _ => Ok(()),
    }
}

impl<F: fmt::Debug> fmt::Debug for TcpClientBuilder<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TcpClientBuilder")
            .field("address", &self.text)
            .field("framing", &self.framing)
            .field("connect_timeout", &self.connect_timeout)
            .field("request_timeout", &self.request_timeout)
            .finish_non_exhaustive()
    }
}
