//! `ringport serve`: the options of an echo or a sink, and those that every server takes.

use clap::{Args, ValueEnum};
use ringport::{BackendChoice, Design, Waiting};

use super::{designs, values};
use crate::protocol::Protocol;
use crate::sys::BACKENDS;

/// Asked for by default: a burst of a few milliseconds fits in.
const SOCKET_BUFFER: usize = 4 << 20;

const EXAMPLES: &str = "\
Examples:
  ringport serve udp 127.0.0.1:9000 --echo          then, elsewhere: nc -u 127.0.0.1 9000
  ringport serve udp [::]:9000 --sink --design sharded-event-polled --threads 4
  ringport serve udp 127.0.0.1:0 --echo --json      a free port, told in the first line
  ringport serve udp 127.0.0.1:9000 127.0.0.1:9001 [::1]:9000 --echo
  ringport serve tcp [::]:9000 --echo --design hybrid --threads 8 --max-connections 10k

Ctrl-C stops in order: what was received is handled, what was promised is sent. Then the figures are
printed.";

/// The options of `serve`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
#[group(id = "handler", required = true, multiple = false, args = ["echo", "sink"])]
pub(crate) struct ServeOptions {
    /// The protocol: udp or tcp
    #[arg(value_parser = protocol)]
    pub(crate) protocol: Protocol,

    /// Where to listen: HOST:PORT, port 0 for a free one; over UDP at several addresses with one server
    #[arg(value_name = "ADDRESS", required = true, value_parser = values::address)]
    pub(crate) addresses: Vec<String>,

    /// Send everything back to where it came from
    #[arg(long)]
    pub(crate) echo: bool,

    /// Count what comes and drop it
    #[arg(long)]
    pub(crate) sink: bool,

    /// Server design
    #[arg(long, value_name = "NAME", default_value_t, value_parser = designs::design)]
    pub(crate) design: Design,

    #[command(flatten)]
    pub(crate) server: ServerOptions,

    /// UDP: bytes of the longest datagram taken whole; longer ones are cut off, counted, and not echoed; TCP: the most
    /// bytes of a receive [default: 2k, over TCP the library's]
    #[arg(long, value_name = "BYTES", value_parser = values::size)]
    pub(crate) slice_size: Option<usize>,

    /// TCP: connections there may be at a time; one more is refused [default: the library's]
    #[arg(long, value_name = "N", value_parser = values::count)]
    pub(crate) max_connections: Option<u64>,

    /// Print JSON lines: one when it listens, one with the figures at the end
    #[arg(long)]
    pub(crate) json: bool,
}

/// How servers are built, in whichever command.
#[derive(Args, Clone, Debug)]
pub(crate) struct ServerOptions {
    /// Threads, where the design has several [default: 1 for blocking, the CPUs for sharded-..., twice the CPUs on a
    /// completion port]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,

    /// Threads that run at once, in the designs on a completion port; 0: as many as there are CPUs
    #[arg(long, value_name = "N", default_value = "0", value_parser = clap::value_parser!(u16).range(0..=1024))]
    pub(crate) concurrency: u16,

    /// UDP: completion queues of a registered design on a completion port, each with a socket and a ring of its own
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) queues: u16,

    /// Results of one dequeue from which on hybrid lets another thread join in [default: two thirds of --max-results]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    pub(crate) threshold: Option<u32>,

    /// UDP: in the designs on a completion port, handle what was taken before another thread takes more
    #[arg(long)]
    pub(crate) ordered: bool,

    // Its help names the backends of this system.
    #[arg(long, value_name = "NAME", default_value = "automatic", hide_default_value = true, help = BACKENDS)]
    pub(crate) backend: BackendChoice,

    /// UDP: receive buffer to ask the kernel for [default: 4M]
    #[arg(long, value_name = "BYTES", value_parser = values::size)]
    pub(crate) socket_buffer: Option<usize>,

    /// UDP: receive offload, whether the kernel may hand over several datagrams at once [default: on in the registered
    /// designs, off in the blocking and the plain ones]
    #[arg(long, value_enum, value_name = "on|off", hide_possible_values = true)]
    pub(crate) offload: Option<Offload>,

    /// UDP: receives that wait posted, a thread or socket [default: the library's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    pub(crate) pending: Option<u32>,

    /// UDP: most results taken by one dequeue [default: the library's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    pub(crate) max_results: Option<u32>,

    /// Whether a wait holds datagrams back so that one wake-up serves several: latency, balanced, throughput or
    /// throughput:100us [default: the library's]
    #[arg(long, value_name = "POLICY")]
    pub(crate) waiting: Option<Waiting>,
}

/// Whether the kernel may join datagrams of one peer on their way in (UDP_GRO).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Offload {
    /// One datagram a receive
    Off,
    /// Runs of datagrams a receive
    On,
}

impl Offload {
    /// As it is written on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Offload::Off => "off",
            Offload::On => "on",
        }
    }
}

impl ServerOptions {
    /// The receive buffer to ask the kernel for.
    pub(crate) fn socket_buffer(&self) -> usize {
        self.socket_buffer.unwrap_or(SOCKET_BUFFER)
    }
}

fn protocol(text: &str) -> Result<Protocol, String> {
    match text {
        "udp" => Ok(Protocol::Udp),
        "tcp" => Ok(Protocol::Tcp),
        _ => Err("the protocol is udp or tcp, as in 'ringport serve tcp 127.0.0.1:9000 --echo'".into()),
    }
}
