//! A sandbox without io_uring, as containers have by default: what leaves the choice open runs over epoll, and what
//! insists on io_uring is told why it cannot.
//!
//! On Linux only: it takes filters of system calls.

use ringport::backend::BackendError;
use ringport::port::PortError;
use ringport::queue::QueueError;
use ringport::server::ServerError;
use ringport::{BackendChoice, BackendKind, BufferPool, CompletionPort, Design, UdpServer, UdpSocket};

use crate::alone;
use crate::common::child::{Child, inside};
use crate::common::rig::{builder, plain};
use crate::common::seccomp;
use crate::ways::{next, sink};

fn forbid(error: i32) {
    let calls = [libc::SYS_io_uring_setup, libc::SYS_io_uring_enter, libc::SYS_io_uring_register];
    seccomp::install(true, &calls, seccomp::fail_with(error), libc::SECCOMP_RET_ALLOW);
}

#[test]
fn io_uring_is_forbidden() {
    in_a_sandbox("sandbox::io_uring_is_forbidden", libc::EPERM);
}

#[test]
fn io_uring_is_hidden() {
    in_a_sandbox("sandbox::io_uring_is_hidden", libc::ENOSYS);
}

fn in_a_sandbox(test: &str, error: i32) {
    if inside() {
        forbid(error);
        return alone::checked(all_steps_down);
    }
    let said = String::from_utf8_lossy(&Child::new(test, None).run().stderr).into_owned();
    let told: Vec<_> = said.lines().filter(|line| line.starts_with("ringport: using epoll")).collect();
    assert_eq!(told.len(), 1, "it is said once: {said}");
    assert!(told[0].contains("io_uring cannot run here"), "{said}");
}

fn all_steps_down() -> Vec<BufferPool> {
    queues_and_ports();
    servers();
    Vec::new()
}

fn is_told(error: &BackendError) -> bool {
    matches!(error, BackendError::UringUnavailable { reason } if reason.contains("io_uring"))
}

fn queues_and_ports() {
    let queue = |choice| builder(choice, 16).polled().map(|queue| queue.backend());
    assert_eq!(queue(BackendChoice::Automatic).unwrap(), BackendKind::Epoll);
    assert_eq!(queue(BackendChoice::Epoll).unwrap(), BackendKind::Epoll);
    let refused = queue(BackendChoice::Uring).unwrap_err();
    assert!(matches!(&refused, QueueError::Backend(error) if is_told(error)), "{refused:?}");

    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let associated = |choice| {
        let port = CompletionPort::builder().backend(choice).build().unwrap();
        port.associate_udp(&socket, 0).map(drop)
    };
    associated(BackendChoice::Automatic).unwrap();
    let refused = associated(BackendChoice::Uring).unwrap_err();
    assert!(matches!(&refused, PortError::Backend(error) if is_told(error)), "{refused:?}");
}

fn servers() {
    for design in Design::ALL {
        let server = || UdpServer::bind("127.0.0.1:0").unwrap().design(design).pending(64);
        let running = server().start(|datagram| datagram.reply()).unwrap();
        let client = plain();
        client.send_to(b"stepped down", running.local_addr()).unwrap();
        assert_eq!(next(&client).0, b"stepped down", "{design}");
        let report = running.stop().unwrap();
        assert_eq!(report.backend, design.has_backend().then_some(BackendKind::Epoll), "{design}");
        if design.has_backend() {
            let refused = server().backend(BackendChoice::Uring).start(sink).map(drop).unwrap_err();
            assert!(refused.to_string().contains("io_uring"), "{design}: {refused}");
            assert!(!matches!(refused, ServerError::System { .. }), "{design}: {refused:?}");
        }
    }
}
