//! Values and options that fit one protocol and not the other.

use super::{SenderKind, ServerOptions};
use crate::failure::Failure;
use crate::protocol::Protocol;

/// The most a UDP datagram carries over IPv4: 65,535 bytes without its own and the IP header.
const LARGEST_PAYLOAD: usize = 65_507;

/// Bytes that this protocol can carry at once.
pub(crate) fn check_payload(bytes: usize, protocol: Protocol) -> Result<(), Failure> {
    match protocol {
        Protocol::Udp if bytes > LARGEST_PAYLOAD => Err(Failure::usage(format!(
            "--payload {bytes}: a payload is 0 to {LARGEST_PAYLOAD} bytes (what one UDP datagram carries): 0, 64, \
             1024, 8k"
        ))),
        Protocol::Tcp if bytes == 0 => {
            Err(Failure::usage("--payload 0: a stream has no empty messages, so TCP needs at least 1 byte"))
        }
        _ => Ok(()),
    }
}

/// An option that would do nothing is refused: whoever gives it expects something of it.
pub(crate) fn refuse_for_streams(
    (flows, ports): (u32, u32),
    sender: SenderKind,
    burst: Option<u32>,
) -> Result<(), Failure> {
    refuse(&[
        (ports != 1, "--ports", "a TCP server listens at one"),
        (flows != 1, "--flows", "over TCP it is --connections"),
        (sender != SenderKind::Plain, "--sender", "a stream has one way to be sent"),
        (burst.is_some(), "--burst", "messages of a stream that are due together leave together"),
    ])
}

/// The same for what makes a server.
pub(crate) fn check_server(server: &ServerOptions, protocol: Protocol) -> Result<(), Failure> {
    if protocol == Protocol::Udp {
        return Ok(());
    }
    refuse(&[
        (server.socket_buffer.is_some(), "--socket-buffer", "the kernel sizes the buffers of streams itself"),
        (server.pending.is_some(), "--pending", "a connection has one receive posted"),
        (server.offload.is_some(), "--offload", "a stream has no datagrams to join"),
        (server.max_results.is_some(), "--max-results", "a TCP server chooses it itself"),
        (server.queues != 1, "--queues", "a TCP server on a port has one"),
        (server.ordered, "--ordered", "a connection is always served in order"),
    ])
}

fn refuse(options: &[(bool, &str, &str)]) -> Result<(), Failure> {
    match options.iter().find(|(given, _, _)| *given) {
        Some((_, option, why)) => Err(Failure::usage(format!("{option} is for datagrams: {why}"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_protocol_has_its_payloads() {
        for (bytes, udp, tcp) in [
            (0, true, false),
            (1, true, true),
            (LARGEST_PAYLOAD, true, true),
            (LARGEST_PAYLOAD + 1, false, true),
        ] {
            assert_eq!(check_payload(bytes, Protocol::Udp).is_ok(), udp, "{bytes}");
            assert_eq!(check_payload(bytes, Protocol::Tcp).is_ok(), tcp, "{bytes}");
        }
    }
}
