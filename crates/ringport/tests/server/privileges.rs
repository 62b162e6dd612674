//! A server on a port that not everybody may bind: Linux has such ports.

use ringport::UdpServer;
use ringport::net::SocketError;
use ringport::server::ServerError;

use crate::child::{MARK, is_child};
use crate::ordinary_user::passes_as_ordinary_user;

#[test]
fn a_privileged_port_is_told_with_what_to_change() {
    const NAME: &str = "privileges::a_privileged_port_is_told_with_what_to_change";
    if !is_child() {
        passes_as_ordinary_user(NAME, "true", MARK);
        return;
    }
    match UdpServer::bind("127.0.0.1:1") {
        Err(error @ ServerError::Socket(SocketError::PrivilegedPort { .. })) => {
            assert!(error.to_string().contains("CAP_NET_BIND_SERVICE"), "{error}");
        }
        Ok(_) => eprintln!("skipped: this machine lets everybody bind every port"),
        Err(error) => panic!("{error}"),
    }
}
