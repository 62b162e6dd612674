//! `ringport doctor`: its options.

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  ringport doctor
  ringport doctor --json
  RINGPORT_BACKEND=epoll ringport doctor      what a forced choice changes";

/// The options of `doctor`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DoctorOptions {
    /// Print the findings as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
