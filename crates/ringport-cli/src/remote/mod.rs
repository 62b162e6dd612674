//! A generator on another machine, under the orders of the comparison on this one.
//!
//! ```text
//!   compare --remote HOST                        send --for-compare ADDRESS, started by the user on HOST
//!     Remote (driver side)        TCP              agent::run
//!                            <- hello
//!     prepare run, traffic, ports ->                starts a generator process
//!                            <- ready
//!     go                        ->
//!                            <- sent               its figures; or: failed, a sentence
//!     (closed)                                     ends
//! ```
//! A JSON object a line each way. The datagrams go from HOST to the address that the agent is connected to, and
//! nowhere else: an order names a port, never a host.

pub(crate) mod agent;
mod driver;
mod link;

use serde::{Deserialize, Serialize};

use crate::send::Sent;
use crate::traffic::Traffic;

pub(crate) use driver::Remote;

/// Both sides must be of one version: the orders are not made to last.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The first line of the agent.
#[derive(Debug, Serialize, Deserialize)]
struct Hello {
    ringport_generator: String,
}

/// What the driver asks for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Order {
    /// Stop what is under way and make ready to send this.
    Prepare {
        run: u64,
        ports: Vec<u16>,
        traffic: Traffic,
    },
    Go,
    Stop,
}

/// What the agent tells, and of which run: an answer may have been on its way when the run was given up.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    run: u64,
    told: Told,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Told {
    Ready,
    /// What the generator had to say besides its figures.
    Note(String),
    Sent(Box<Sent>),
    Failed(String),
}
