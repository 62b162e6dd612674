//! Ports that not everybody may bind: Linux has them.

use std::os::unix::process::CommandExt;
use std::process::Command;

use ringport::UdpSocket;
use ringport::net::SocketError;

/// Set for a copy of this program that runs without privileges.
const UNPRIVILEGED: &str = "RINGPORT_TEST_UNPRIVILEGED";

#[test]
fn a_privileged_port_names_the_limit_and_the_capability() {
    let start = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").unwrap_or_default();
    let start: u16 = start.trim().parse().unwrap_or(1024);
    if start < 2 {
        return eprintln!("skipped: every port is free for all on this machine");
    }
    match UdpSocket::bind(("127.0.0.1", start - 1)) {
        Err(SocketError::AddressInUse { .. }) => eprintln!("skipped: the port is in use"),
        Err(error) => {
            assert!(
                matches!(error, SocketError::PrivilegedPort { first_free, .. } if first_free == start),
                "{error}"
            );
            let text = error.to_string();
            assert!(
                text.contains("CAP_NET_BIND_SERVICE") && text.contains("ip_unprivileged_port_start"),
                "{text}"
            );
        }
        Ok(_) => {
            assert!(std::env::var_os(UNPRIVILEGED).is_none(), "an ordinary user may bind a privileged port");
            again_without_privileges("privileges::a_privileged_port_names_the_limit_and_the_capability");
        }
    }
}

/// Runs one test of this program as an ordinary user, through a descriptor: that user need not be able to
/// read the directory it lies in.
fn again_without_privileges(test: &str) {
    let program = std::env::current_exe().unwrap();
    let run = Command::new("/proc/self/exe")
        .args([test, "--exact", "--nocapture"])
        .env(UNPRIVILEGED, "1")
        .uid(65_534)
        .gid(65_534)
        .output();
    let run = match run {
        Ok(run) => run,
        Err(error) => {
            return eprintln!("skipped: {} cannot be run as an ordinary user: {error}", program.display());
        }
    };
    let output = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && output.contains("1 passed"), "{output}");
}
