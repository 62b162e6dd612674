//! Names of designs on the command line.

use ringport::Design;

use crate::failure::Failure;
use crate::protocol::Protocol;

/// One design by its name.
pub(crate) fn design(text: &str) -> Result<Design, String> {
    text.parse().map_err(|_| format!("there is no design '{text}'; offered are {}", all()))
}

/// The designs of servers of a protocol. Over TCP `blocking` is a thread for each connection.
pub(crate) fn of(protocol: Protocol) -> &'static [Design] {
    match protocol {
        Protocol::Udp => &Design::ALL,
        Protocol::Tcp => &[
            Design::Blocking,
            Design::Polled,
            Design::Event,
            Design::EventPolled,
            Design::RegisteredPort1,
            Design::RegisteredPort,
            Design::Hybrid,
            Design::ShardedPolled,
            Design::ShardedEvent,
            Design::ShardedEventPolled,
        ],
    }
}

/// Refuses a design that this system or the protocol has no server of.
pub(crate) fn check(design: Design, protocol: Protocol) -> Result<(), Failure> {
    if let Some(why) = design.refusal() {
        return Err(Failure::usage(format!("the design {design} is not on this system: {why}")));
    }
    let offered = of(protocol);
    if offered.contains(&design) {
        return Ok(());
    }
    let names = listed(offered);
    Err(Failure::usage(format!("the design {design} is for datagrams: offered over TCP are {names}")))
}

/// Refuses a design that the library has no TCP server of. The thread for each connection that a comparison has beside
/// them is there to be compared with.
pub(crate) fn check_served(design: Design) -> Result<(), Failure> {
    match design {
        Design::Blocking => Err(Failure::usage(
            "over TCP the design blocking is there to compare with, in 'ringport compare --tcp': \
             serve with event-polled, which is the default, or hybrid",
        )),
        _ => check(design, Protocol::Tcp),
    }
}

/// The names of all designs, as a sentence lists them.
pub(crate) fn all() -> String {
    listed(&Design::ALL)
}

fn listed(designs: &[Design]) -> String {
    designs.iter().map(Design::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for one in Design::ALL {
            assert_eq!(design(&one.to_string()), Ok(one));
        }
    }

    #[test]
    fn what_does_not_exist_is_told_with_what_does() {
        assert!(design("fast").unwrap_err().contains("there is no design 'fast'; offered are blocking"));
        assert!(design("").is_err());
    }
}
