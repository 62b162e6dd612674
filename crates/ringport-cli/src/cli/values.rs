//! Values on the command line, read strictly: what is not understood is refused with what would be.

use std::time::Duration;

/// A stream has no such limit; messages larger than this would say nothing that this size does not.
const LARGEST_MESSAGE: usize = 16 << 20;
/// Connections of one generator: about as many as there are source ports.
const MOST_CONNECTIONS: u64 = 60_000;

/// A number of things: `250000`, `250_000`, `250k`, `1M`, `2G` (thousands, millions, thousand millions).
pub(crate) fn count(text: &str) -> Result<u64, String> {
    let allowed = "a count is a whole number from 1, with k, M or G for thousands, millions or thousand millions: \
                   250000, 250k, 1M";
    match scaled(text, 1_000) {
        Some(number) if number > 0 => Ok(number),
        _ => Err(allowed.into()),
    }
}

/// Units of work: zero allowed.
pub(crate) fn work(text: &str) -> Result<u32, String> {
    match scaled(text, 1_000).map(u32::try_from) {
        Some(Ok(units)) if units <= 1_000_000_000 => Ok(units),
        _ => Err("work is a number of units from 0 (none) to 1G: 0, 500, 2k".into()),
    }
}

/// Datagrams a second: a count, `/s` behind it or not.
pub(crate) fn rate(text: &str) -> Result<u64, String> {
    let allowed = "a rate is a number of datagrams a second from 1 to 1G: 100000, 100k, 100k/s, 1M/s";
    match scaled(text.strip_suffix("/s").unwrap_or(text), 1_000) {
        Some(number) if (1..=1_000_000_000).contains(&number) => Ok(number),
        _ => Err(allowed.into()),
    }
}

/// Bytes: `4096`, `64k`, `4M`, `1G` (times 1024, as memory is counted).
pub(crate) fn size(text: &str) -> Result<usize, String> {
    let allowed =
        "a size is a number of bytes from 1 to 1G, with k, M or G for KiB, MiB or GiB: 65536, 64k, 4M";
    match scaled(text, 1_024) {
        Some(number) if (1..=1 << 30).contains(&number) => Ok(number as usize),
        _ => Err(allowed.into()),
    }
}

/// Bytes in a datagram or message, as far as either protocol can carry them.
pub(crate) fn payload(text: &str) -> Result<usize, String> {
    match scaled(text, 1_024) {
        Some(number) if number <= LARGEST_MESSAGE as u64 => Ok(number as usize),
        _ => Err(format!("a payload is a number of bytes from 0 to {LARGEST_MESSAGE}: 0, 64, 1024, 8k")),
    }
}

/// TCP connections of one generator.
pub(crate) fn connections(text: &str) -> Result<u32, String> {
    match scaled(text, 1_000) {
        Some(number) if (1..=MOST_CONNECTIONS).contains(&number) => Ok(number as u32),
        _ => Err(format!(
            "connections are a whole number from 1 to {MOST_CONNECTIONS}, as many as one address has source ports: \
             64, 10k"
        )),
    }
}

/// Time: `500ms`, `10s`, `2m`; a number alone is seconds.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let milliseconds = match &text[digits.len()..] {
        "ms" => Some(1),
        "" | "s" => Some(1_000),
        "m" => Some(60_000),
        _ => None,
    };
    let number = scaled(digits, 1).zip(milliseconds).and_then(|(number, unit)| number.checked_mul(unit));
    match number {
        Some(number) if (1..=86_400_000).contains(&number) => Ok(Duration::from_millis(number)),
        _ => Err("a time is a whole number with ms, s or m, from 1ms to 1440m: 500ms, 10s, 2m".into()),
    }
}

/// HOST:PORT; the name is looked up later, since a missing host is no mistake of writing.
pub(crate) fn address(text: &str) -> Result<String, String> {
    let allowed = "an address is HOST:PORT, IPv6 in brackets: 127.0.0.1:9000, [::1]:9000, localhost:9000";
    let (host, port) = text.rsplit_once(':').ok_or(allowed)?;
    let bracketed = host.starts_with('[') && host.ends_with(']');
    if host.is_empty() || (host.contains(':') && !bracketed) || port.parse::<u16>().is_err() {
        return Err(allowed.into());
    }
    Ok(text.into())
}

/// Digits (underscores between them allowed) and at most one of k, M and G.
fn scaled(text: &str, thousand: u64) -> Option<u64> {
    let (digits, unit) = match text.as_bytes().last()? {
        b'k' | b'K' => (&text[..text.len() - 1], thousand),
        b'M' => (&text[..text.len() - 1], thousand.pow(2)),
        b'G' => (&text[..text.len() - 1], thousand.pow(3)),
        _ => (text, 1),
    };
    let digits = digits.replace('_', "");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_in_thousands_and_sizes_in_kibibytes() {
        assert_eq!(count("1M"), Ok(1_000_000));
        assert_eq!(count("1_500k"), Ok(1_500_000));
        assert_eq!(size("64k"), Ok(65_536));
        assert_eq!(rate("100k/s"), Ok(100_000));
        assert_eq!(rate("100000"), Ok(100_000));
        assert_eq!(payload("0"), Ok(0));
        assert_eq!(payload("65507"), Ok(65_507));
        assert!(payload("17M").is_err() && connections("0").is_err() && connections("61k").is_err());
        assert_eq!(connections("10k"), Ok(10_000));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in
            ["", "k", "-1", "1.5M", "1kk", "0x10", "1 k", "99999999999999999999", "99999999999G", "+1", "é"]
        {
            assert!(count(text).is_err(), "{text}");
            assert!(rate(text).is_err(), "{text}");
            assert!(size(text).is_err(), "{text}");
            assert!(duration(text).is_err(), "{text}");
            assert!(payload(text).is_err(), "{text}");
        }
        assert!(count("0").is_err() && rate("0").is_err() && size("0").is_err());
        assert!(payload("x").is_err() && rate("2G").is_err());
    }

    #[test]
    fn times() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("10"), Ok(Duration::from_secs(10)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert!(duration("2h").is_err() && duration("ms").is_err() && duration("0s").is_err());
    }

    #[test]
    fn addresses_need_a_host_and_a_port() {
        for text in ["127.0.0.1:9000", "[::1]:0", "localhost:65535"] {
            assert_eq!(address(text).as_deref(), Ok(text));
        }
        for text in
            ["localhost", "127.0.0.1", ":9000", "::1:9000", "localhost:", "localhost:70000", "localhost:x"]
        {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
