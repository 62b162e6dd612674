//! Datagrams that the kernel dropped because a socket's receive buffer was full.

use std::collections::HashSet;
use std::fs;

/// Drops of all UDP sockets of this machine that are bound to one of these ports; None where the system does not tell.
/// Read while they are open: a closed socket takes its count with it.
pub(crate) fn drops(ports: &[u16]) -> Option<u64> {
    let tables = ["/proc/net/udp", "/proc/net/udp6"];
    let tables = tables.iter().filter_map(|table| fs::read_to_string(table).ok());
    Some(tables.map(|table| drops_in(&table, ports)).sum())
}

fn drops_in(table: &str, ports: &[u16]) -> u64 {
    let ports: HashSet<u16> = ports.iter().copied().collect();
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut fields = line.split_whitespace();
            let local = fields.nth(1)?;
            let port = u16::from_str_radix(local.rsplit(':').next()?, 16).ok()?;
            ports.contains(&port).then(|| fields.last()?.parse::<u64>().ok()).flatten()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_sockets_of_one_port_are_added_up() {
        let table = "\
   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  401: 0100007F:1F90 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 31337 2 0000000000000000 5
  401: 0100007F:1F90 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 31338 2 0000000000000000 7
  402: 0100007F:1F91 00000000:1F90 07 00000000:00000000 00:00000000 00000000     0        0 31339 2 0000000000000000 9
";
        assert_eq!(drops_in(table, &[0x1f90]), 12);
        assert_eq!(drops_in(table, &[0x1f91]), 9);
        assert_eq!(drops_in(table, &[80, 0x1f91, 0x1f90]), 21);
        assert_eq!(drops_in(table, &[80]), 0);
        assert_eq!(drops_in("", &[80]), 0);
    }

    #[test]
    fn a_full_socket_is_seen() {
        let full = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = full.local_addr().unwrap();
        let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        // Until the buffer, whatever its size, is full.
        while drops(&[address.port()]) == Some(0) {
            for _ in 0..64 {
                sender.send_to(&[0; 8192], address).unwrap();
            }
        }
    }
}
