//! A datagram with its control data, sent and received by plain calls of Windows.

use std::io;
use std::net::SocketAddr;
use std::os::windows::io::AsRawSocket;
use std::ptr::null_mut;

use ringport::UdpSocket;
use socket2::SockAddr;
use windows_sys::Win32::Networking::WinSock::{
    IPPROTO_IP, IPPROTO_IPV6, LPFN_WSARECVMSG, SIO_GET_EXTENSION_FUNCTION_POINTER, SOCKET, WSABUF,
    WSAID_WSARECVMSG, WSAIoctl, WSAMSG,
};

/// Control data as a send to this address takes it: the messages of the family over which it leaves.
pub(crate) fn as_sent(control: &[u8], to: SocketAddr) -> Vec<u8> {
    let foreign = if to.ip().to_canonical().is_ipv4() { IPPROTO_IPV6 } else { IPPROTO_IP };
    let (mut rest, mut kept) = (control, Vec::new());
    while let Some((length, after)) = rest.split_first_chunk() {
        let message = usize::from_ne_bytes(*length).next_multiple_of(8);
        if i32::from_ne_bytes(*after.first_chunk().unwrap()) != foreign {
            kept.extend_from_slice(&rest[..message]);
        }
        rest = &rest[message..];
    }
    kept
}

/// Its bytes, who sent it, and the control data.
pub(crate) fn receive(at: &UdpSocket) -> (Vec<u8>, SocketAddr, Vec<u8>) {
    let socket = at.as_raw_socket() as SOCKET;
    let (mut bytes, mut control) = (vec![0; 65_536], vec![0; 256]);
    let call = function(socket);
    // SAFETY: all that the message points to outlives the call, with the lengths that it says; the address is written
    // by the call, and its length with it.
    let (result, peer) = unsafe {
        SockAddr::try_init(|peer, peer_length| {
            let mut part = WSABUF { len: bytes.len() as u32, buf: bytes.as_mut_ptr() };
            let mut message = WSAMSG {
                name: peer.cast(),
                namelen: *peer_length,
                lpBuffers: &mut part,
                dwBufferCount: 1,
                Control: WSABUF { len: control.len() as u32, buf: control.as_mut_ptr() },
                dwFlags: 0,
            };
            let mut length = 0;
            if call(socket, &mut message, &mut length, null_mut(), None) != 0 {
                return Err(io::Error::last_os_error());
            }
            *peer_length = message.namelen;
            Ok((length as usize, message.Control.len as usize))
        })
    }
    .unwrap();
    bytes.truncate(result.0);
    control.truncate(result.1);
    (bytes, peer.as_socket().unwrap(), control)
}

/// The function, which has to be asked for.
fn function(
    socket: SOCKET,
) -> unsafe extern "system" fn(
    SOCKET,
    *mut WSAMSG,
    *mut u32,
    *mut windows_sys::Win32::System::IO::OVERLAPPED,
    windows_sys::Win32::Networking::WinSock::LPWSAOVERLAPPED_COMPLETION_ROUTINE,
) -> i32 {
    let (name, mut function, mut length): (_, LPFN_WSARECVMSG, _) = (WSAID_WSARECVMSG, None, 0);
    // SAFETY: the name is read and the function written, each with its length.
    let asked = unsafe {
        WSAIoctl(
            socket,
            SIO_GET_EXTENSION_FUNCTION_POINTER,
            (&raw const name).cast(),
            size_of_val(&name) as u32,
            (&raw mut function).cast(),
            size_of_val(&function) as u32,
            &mut length,
            null_mut(),
            None,
        )
    };
    assert_eq!(asked, 0, "{}", io::Error::last_os_error());
    function.unwrap()
}
