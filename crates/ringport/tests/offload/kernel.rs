//! A kernel that does not know the option: what was not asked for is not missed, what was asked for is refused with the
//! reason.
//!
//! On Linux only: it takes filters of system calls.

use ringport::net::{SocketError, gro_supported};
use ringport::server::ServerError;

use crate::common::child::{Child, inside};
use crate::common::seccomp;
use crate::source::Source;
use crate::ways::ways;

#[test]
fn without_the_option_servers_run_and_to_ask_for_it_is_an_error() {
    if !inside() {
        return drop(
            Child::new("kernel::without_the_option_servers_run_and_to_ask_for_it_is_an_error", None).run(),
        );
    }
    // The third argument of `setsockopt` is the option.
    seccomp::fail_batches(libc::SYS_setsockopt, &[(libc::UDP_GRO as u32, libc::ENOPROTOOPT)]);
    assert!(!gro_supported());
    let socket = ringport::UdpSocket::bind("127.0.0.1:0").unwrap();
    let refused = socket.receive_offload(true).unwrap_err();
    assert!(matches!(refused, SocketError::System { .. }), "{refused:?}");
    for way in ways() {
        let server = way.start(|datagram| datagram.reply());
        let source = Source::new();
        source.run(b"one two ten", 4, server.local_addr());
        let mut came = [(); 3].map(|()| source.receive());
        // Several threads answer in any order.
        came.sort();
        assert_eq!(came, [&b"one "[..], b"ten", b"two "], "{way}");
        assert_eq!(server.stop().unwrap().counters.total.runs, 0, "{way}");

        let asked = way.server().receive_offload(true).start(|datagram| datagram.reply());
        let Err(ServerError::Socket(error)) = asked else { panic!("{way}: {:?}", asked.is_ok()) };
        assert!(error.to_string().contains("receive offload"), "{way}: {error}");
        // To have it off is nothing to refuse.
        way.server().receive_offload(false).start(|datagram| datagram.reply()).unwrap().stop().unwrap();
    }
}
