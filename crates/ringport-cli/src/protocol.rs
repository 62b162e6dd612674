//! What the tool speaks: UDP or TCP, and how the things that travel are called.
//!
//! A UDP server handles datagrams. TCP has none: there it is messages, of as many bytes as `--payload` says, one after
//! another on each connection. Figures have the same meaning for both and one code; only the word differs, in what
//! is printed and in the keys of JSON (`datagrams_sent`, `messages_sent`).

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A transport protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Protocol {
    /// Datagrams
    #[default]
    Udp,
    /// Streams
    Tcp,
}

impl Protocol {
    /// As it is written on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Protocol::Udp => "udp",
            Protocol::Tcp => "tcp",
        }
    }

    /// What is sent, received and counted.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Protocol::Udp => "datagram",
            Protocol::Tcp => "message",
        }
    }

    /// `value` as JSON whose keys name this protocol's unit.
    pub(crate) fn json(self, value: &impl Serialize) -> serde_json::Result<Value> {
        let value = serde_json::to_value(value)?;
        Ok(if self == Protocol::Udp { value } else { renamed(value, self.unit()) })
    }
}

/// The keys alone: a value is data and stays. What the kernel counts of UDP keeps its name too.
fn renamed(value: Value, unit: &str) -> Value {
    let key = |key: String| if key.starts_with("udp_") { key } else { key.replace("datagram", unit) };
    match value {
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(name, value)| (key(name), renamed(value, unit))).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(|value| renamed(value, unit)).collect()),
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_name_the_unit_and_values_stay() {
        let value =
            json!({"datagrams": [{"cpu_ns_per_datagram": 1, "udp_in_datagrams": 2}], "word": "datagram"});
        assert_eq!(Protocol::Udp.json(&value).unwrap(), value);
        assert_eq!(
            Protocol::Tcp.json(&value).unwrap(),
            json!({"messages": [{"cpu_ns_per_message": 1, "udp_in_datagrams": 2}], "word": "datagram"})
        );
    }
}
