//! The TCP servers that are compared: those of the library, and a thread for each connection.

use std::net::SocketAddr;
use std::time::Duration;

use ringport::server::tcp::{Message, TcpRunning};
use ringport::{BackendKind, Design};

use crate::cli::ReceiverOptions;
use crate::failure::Failure;
use crate::server;
use crate::thread_each::ThreadEach;

use super::meters::Meters;

/// As short as a time-out may be.
const NO_TIME: Duration = Duration::from_millis(1);

/// A server that runs.
pub(super) enum Echoing {
    ThreadEach(ThreadEach),
    Designed(TcpRunning),
}

/// What it says at its end.
pub(super) struct Ended {
    pub(super) backend: Option<BackendKind>,
    /// Batches of completions, where there are such.
    pub(super) batches: u64,
}

impl Echoing {
    /// Starts the one that the options name.
    pub(super) fn start(options: &ReceiverOptions, meters: &Meters) -> Result<Echoing, Failure> {
        let (meters, units, payload) = (meters.clone(), options.work, options.payload as u64);
        let address = (options.bind, 0);
        if options.design == Design::Blocking {
            let handler_of_connection = move || {
                let mut stream = meters.stream(payload, units);
                move |bytes: &[u8]| stream.pass(bytes.len())
            };
            return Ok(Echoing::ThreadEach(ThreadEach::start(address, handler_of_connection)?));
        }
        // When it is stopped all has been seen, and the generator, which holds its connections for that, is not waited for.
        let server =
            server::bind_tcp(address, options.design, &options.server, Some(options.connections.into()))?
                .close_timeout(NO_TIME)
                .stop_timeout(NO_TIME);
        let started = server.start_with(move |_| {
            let mut stream = meters.stream(payload, units);
            move |message: Message<'_>| {
                stream.pass(message.len());
                // A handler is called when its answer fits, and a lost one would show as a lost message.
                let _ = message.echo();
            }
        });
        Ok(Echoing::Designed(started.map_err(server::failure)?))
    }

    pub(super) fn local_addr(&self) -> SocketAddr {
        match self {
            Echoing::ThreadEach(server) => server.local_addr(),
            Echoing::Designed(server) => server.local_addr(),
        }
    }

    /// Ends it, from another thread.
    pub(super) fn stopper(&self) -> Box<dyn FnOnce() + Send> {
        match self {
            Echoing::ThreadEach(server) => {
                let stopper = server.stopper();
                Box::new(move || stopper.stop())
            }
            Echoing::Designed(server) => {
                let handle = server.handle();
                Box::new(move || handle.stop())
            }
        }
    }

    /// Waits for its end.
    pub(super) fn join(self) -> Result<Ended, Failure> {
        match self {
            Echoing::ThreadEach(server) => {
                server.join();
                Ok(Ended { backend: None, batches: 0 })
            }
            Echoing::Designed(server) => {
                let report = server.join().map_err(server::failure)?;
                Ok(Ended { backend: Some(report.backend), batches: report.counters.batches })
            }
        }
    }
}
