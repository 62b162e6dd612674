//! The server process: one candidate, which sends back whatever it receives until the process ends.

pub(crate) mod queue;
mod reserved;
pub(crate) mod server;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use clap::Args;
use ringport::BackendChoice;
use ringport_stand::child::Child;
use ringport_stand::part::ready_to_tell;
use ringport_stand::process::pin;
use ringport_stand::streams::Shared;
use socket2::{Domain, Protocol, Socket, Type};

use crate::echo::EchoOptions;
use crate::echo::candidate::Candidate;
use ringport_stand::Failure;

/// Connections that may wait to be accepted: all of them come at once.
const BACKLOG: i32 = 4096;

/// What a server process is told.
#[derive(Debug, Args)]
pub(crate) struct Server {
    /// Which candidate
    pub(crate) name: String,
    /// Connections to have room for
    #[arg(long)]
    pub(crate) connections: usize,
    /// Slices of a group
    #[arg(long)]
    pub(crate) slices: u16,
    /// Bytes of a slice
    #[arg(long)]
    pub(crate) slice: usize,
    /// The processor to run on
    #[arg(long)]
    pub(crate) processor: Option<usize>,
}

impl Server {
    /// What the kernel chooses from, where the server leaves it to the kernel.
    pub(crate) fn shared(&self) -> Shared {
        Shared { slices: self.slices, slice: self.slice }
    }

    /// The backend that the candidate is measured with.
    fn backend(&self) -> BackendChoice {
        Candidate::named(&self.name).and_then(|candidate| candidate.backend()).unwrap_or_default()
    }

    /// Starts one as a child, which has told its port.
    pub(crate) fn start(
        name: &str,
        connections: usize,
        echo: &EchoOptions,
        processor: Option<usize>,
    ) -> Result<(Child, u16), Failure> {
        let numbers = [connections, echo.slices.into(), echo.slice as usize].map(|number| number.to_string());
        let [connections, slices, slice] = &numbers;
        let words = ["serve", name, "--connections", connections, "--slices", slices, "--slice", slice];
        let mut child = Child::start(&words, processor)?;
        let port = child.line()?.parse()?;
        Ok((child, port))
    }
}

/// Runs the candidate.
pub(crate) fn run(server: &Server) -> Result<(), Failure> {
    pin(server.processor)?;
    let candidate = Candidate::named(&server.name).ok_or("no such candidate")?;
    let listener = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    listener.listen(BACKLOG)?;
    let listener = TcpListener::from(listener);
    ready_to_tell(listener.local_addr()?, |_| reserved::answer())?;
    (candidate.run)(listener, server)
}
