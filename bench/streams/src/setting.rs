//! What the figures hold for.

use ringport_stand::machine::{Machine, version};
use serde::Serialize;

use crate::options::Options;

/// Machine, versions and options.
#[derive(Debug, Serialize)]
pub(crate) struct Setting {
    #[serde(flatten)]
    machine: Machine,
    ringport: String,
    tokio: String,
    load_and_server_on: Option<(usize, usize)>,
    rounds: u32,
    window_ms: u64,
    warm_up_ms: u64,
}

/// Looks at the machine.
pub(crate) fn setting(options: &Options, processors: Option<(usize, usize)>) -> Setting {
    Setting {
        machine: Machine::look(),
        ringport: version("ringport"),
        tokio: version("tokio"),
        load_and_server_on: processors,
        rounds: options.rounds(),
        window_ms: options.window(),
        warm_up_ms: options.warm_up(),
    }
}

pub(crate) fn print(setting: &Setting) {
    setting.machine.print();
    println!("versions  ringport {}, tokio {}", setting.ringport, setting.tokio);
    let places = setting.load_and_server_on.map_or("left to the system".to_owned(), |(load, server)| {
        format!("load on processor {load}, server on processor {server}")
    });
    println!("places    {places}");
}
