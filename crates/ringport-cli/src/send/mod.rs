//! `ringport send`: the load generator, a process of its own so that its work is never counted as the receiver's.
//!
//! ```text
//!   options -> Plan -> Flows (connected sockets)
//!                        |
//!                        +- flood: Pace -> Transmit                     figures of what was sent
//!                        +- echo:  Pace -> Transmit, replies -> Replies  and of what came back
//! ```

mod control;
mod echo;
mod figures;
mod flood;
mod flows;
mod pace;
mod plan;
mod replies;
mod sequences;
mod transmit;

use crate::cli::SendOptions;
use crate::clock;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output;
use crate::remote;

pub(crate) use figures::Sent;
use flows::Flows;
use plan::Plan;

/// Runs the generator as the options say and prints its figures.
pub(crate) fn run(options: &SendOptions) -> Result<(), Failure> {
    if let Some(comparison) = &options.for_compare {
        return remote::agent::run(comparison);
    }
    let plan = Plan::of(options)?;
    let interrupt = Interrupt::on_signals()?;
    let flows = Flows::connect(&plan)?;
    clock::wake_precisely();
    if options.controlled {
        control::wait_for_start(&interrupt)?;
    }
    let figures = match plan.echo {
        None => flood::run(&plan, &flows, &interrupt)?,
        Some(limits) => echo::run(&plan, limits, &flows, &interrupt)?,
    };
    match (options.controlled, options.json) {
        (true, _) => output::json_line(&figures)?,
        (false, true) => output::json(&figures)?,
        (false, false) => figures.print()?,
    }
    if figures.is_unanswered() && !figures.interrupted {
        return Err(Failure::failed(format!(
            "no answer came from {}: is an echo server running there?",
            plan.address
        )));
    }
    Ok(())
}
