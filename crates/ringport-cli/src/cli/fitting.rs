//! Values and options that fit one protocol and not the other.

use super::SenderKind;
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
pub(crate) fn refuse_for_streams(flows: u32, sender: SenderKind, burst: Option<u32>) -> Result<(), Failure> {
    let wrong = if flows != 1 {
        Some(("--flows", "over TCP it is --connections"))
    } else if sender != SenderKind::Plain {
        Some(("--sender", "a stream has one way to be sent"))
    } else if burst.is_some() {
        Some(("--burst", "messages of a stream that are due together leave together"))
    } else {
        None
    };
    wrong.map_or(Ok(()), |(option, sentence)| {
        Err(Failure::usage(format!("{option} is for datagrams: {sentence}")))
    })
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
