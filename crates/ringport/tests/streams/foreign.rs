//! Descriptors that come from elsewhere.
//!
//! On Linux only: elsewhere a file is no socket by its type.

use std::net::{TcpListener, UdpSocket};
use std::os::unix::net::UnixStream;

use ringport::net::StreamRefusal;
use ringport::{StreamListener, StreamSocket};

#[test]
fn descriptors_of_another_kind_come_back() {
    let refused = |fd| StreamSocket::from_fd(fd).unwrap_err();
    let file = std::fs::File::open("/dev/null").unwrap();
    assert!(matches!(refused(file.into()).error, StreamRefusal::NotASocket));
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    assert!(matches!(refused(udp.into()).error, StreamRefusal::NotAStream));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let back = refused(listener.into());
    assert!(matches!(back.error, StreamRefusal::Listens));
    assert!(StreamListener::from_fd(back.fd).is_ok());
    let (one, _other) = UnixStream::pair().unwrap();
    let back = StreamListener::from_fd(one.into()).unwrap_err();
    assert!(matches!(back.error, StreamRefusal::DoesNotListen));
    assert!(StreamSocket::from_fd(back.fd).is_ok());
}
