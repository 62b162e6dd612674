//! Ending an accept, and reads.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::os::windows::io::AsRawSocket;
use std::ptr;
use std::sync::Weak;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::IO::CancelIoEx;

/// Between two times that the reads of a thread are ended.
const PAUSE: Duration = Duration::from_millis(1);

/// Ends one accept that waits on this listener. Windows ends none by itself while the socket is open, so a connection
/// of our own does it; whoever accepts it looks whether it is to go on.
pub(crate) fn end_accepts(listener: &TcpListener) {
    let Ok(address) = listener.local_addr() else { return };
    let reachable = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    drop(TcpStream::connect(SocketAddr::new(reachable, address.port())));
}

/// Ends the reads of a thread, until it has ended itself. To shut the reading side down does not end a read that waits,
/// and one that begins a moment later is not ended by what ends this one.
pub(crate) fn end_reads(thread: &JoinHandle<()>, stream: &Weak<TcpStream>) {
    while let (false, Some(stream)) = (thread.is_finished(), stream.upgrade()) {
        // SAFETY: the socket is open as long as the stream is there; the call ends operations and writes nothing.
        unsafe { CancelIoEx(stream.as_raw_socket() as HANDLE, ptr::null()) };
        thread::sleep(PAUSE);
    }
}
