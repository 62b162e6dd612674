//! `ringport send`: the load generator, a process of its own so that its work is never counted as the receiver's.
//!
//! ```text
//!   options -> Plan -> Flows (connected sockets)                                     UDP
//!                        |
//!                        +- flood: Pace -> Transmit                     figures of what was sent
//!                        +- echo:  Pace -> Transmit, replies -> Replies  and of what came back
//!
//!   options -> Plan -> tcp (connections)                                             TCP
//!                        |
//!                        +- Pace -> queues of the connections -> answers in the same order
//! ```

mod control;
mod echo;
mod figures;
mod flood;
mod flows;
mod pace;
mod plan;
mod print;
mod replies;
mod resolve;
mod sequences;
mod tcp;
mod transmit;

use crate::cli::SendOptions;
use crate::clock;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output;
use crate::protocol::Protocol;
use crate::remote;

pub(crate) use figures::Sent;
use flows::Flows;
use plan::Plan;
pub(crate) use plan::flows;

/// Runs the generator as the options say and prints its figures.
pub(crate) fn run(options: &SendOptions) -> Result<(), Failure> {
    if let Some(comparison) = &options.for_compare {
        return remote::agent::run(comparison);
    }
    let target =
        options.address.as_ref().ok_or_else(|| Failure::usage("send needs an address: HOST:PORT"))?;
    let interrupt = Interrupt::on_signals()?;
    match target.protocol {
        Protocol::Udp => tell(options, &udp(options, &target.address, &interrupt)?),
        Protocol::Tcp => {
            let (figures, connections) = tcp::run(options, &target.address, &interrupt)?;
            tell(options, &figures)?;
            // The driver looks at the server once more, and at one whose connections still stand.
            if options.controlled {
                control::wait_for_end(&interrupt);
            }
            drop(connections);
            Ok(())
        }
    }
}

/// Prints the figures, in the way that was asked for.
fn tell(options: &SendOptions, figures: &Sent) -> Result<(), Failure> {
    match (options.controlled, options.json) {
        // The driver reads what it knows; people and their programs read the unit by its name.
        (true, _) => output::json_line(figures)?,
        (false, true) => output::json(&figures.protocol.json(figures).map_err(std::io::Error::from)?)?,
        (false, false) => figures.print()?,
    }
    if figures.is_unanswered() && !figures.interrupted {
        return Err(Failure::failed(format!(
            "no answer came from {}: is an echo server running there?",
            figures.target
        )));
    }
    Ok(())
}

fn udp(options: &SendOptions, address: &str, interrupt: &Interrupt) -> Result<Sent, Failure> {
    let plan = Plan::of(options, address)?;
    let flows = Flows::connect(&plan)?;
    begin(options, interrupt)?;
    match plan.echo {
        None => flood::run(&plan, &flows, interrupt),
        Some(limits) => echo::run(&plan, limits, &flows, interrupt),
    }
}

/// The sockets stand: the run begins now, or when the driver of a comparison says so.
fn begin(options: &SendOptions, interrupt: &Interrupt) -> Result<(), Failure> {
    clock::wake_precisely();
    if options.controlled { control::wait_for_start(interrupt) } else { Ok(()) }
}
