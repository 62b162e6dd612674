//! Where to send to: an address, with the protocol before it or not.

use super::values;
use crate::protocol::Protocol;

/// A protocol and an address whose name is not looked up yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) protocol: Protocol,
    /// HOST:PORT
    pub(crate) address: String,
}

/// `tcp://HOST:PORT`, `udp://HOST:PORT`, or `HOST:PORT`, which is UDP.
pub(crate) fn target(text: &str) -> Result<Target, String> {
    let (protocol, address) = match text.split_once("://") {
        None => (Protocol::Udp, text),
        Some(("udp", address)) => (Protocol::Udp, address),
        Some(("tcp", address)) => (Protocol::Tcp, address),
        Some((other, _)) => {
            return Err(format!(
                "there is no protocol '{other}': it is tcp:// or udp://, or an address alone for UDP"
            ));
        }
    };
    Ok(Target { protocol, address: values::address(address)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocol_stands_before_the_address_or_is_udp() {
        for (text, protocol, address) in [
            ("127.0.0.1:9", Protocol::Udp, "127.0.0.1:9"),
            ("udp://[::1]:9", Protocol::Udp, "[::1]:9"),
            ("tcp://localhost:9", Protocol::Tcp, "localhost:9"),
        ] {
            assert_eq!(target(text), Ok(Target { protocol, address: address.into() }));
        }
        assert!(target("sctp://127.0.0.1:9").unwrap_err().contains("no protocol 'sctp'"));
        assert!(target("tcp://127.0.0.1").unwrap_err().contains("HOST:PORT"));
    }
}
