//! Network devices whose other end a test holds, in a network namespace of its own.

use std::ffi::CString;
use std::fs::{File, OpenOptions};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;

/// Makes a device of this kind (`IFF_TAP` for frames, `IFF_TUN` for packets), and gives its other end, which never
/// blocks.
pub(crate) fn open(name: &str, kind: libc::c_int) -> io::Result<File> {
    let end =
        OpenOptions::new().read(true).write(true).custom_flags(libc::O_NONBLOCK).open("/dev/net/tun")?;
    let mut request = named(name);
    request.ifr_ifru.ifru_flags = (kind | libc::IFF_NO_PI) as i16;
    control(&end, libc::TUNSETIFF as _, &request)?;
    Ok(end)
}

/// Gives a device its address, and the address at its other end if that is the only one, and lets it carry packets.
pub(crate) fn up(name: &str, address: Option<Ipv4Addr>, peer: Option<Ipv4Addr>) -> io::Result<()> {
    // Any socket will do.
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    let mut request = named(name);
    for (what, address) in [(libc::SIOCSIFADDR, address), (libc::SIOCSIFDSTADDR, peer)] {
        let Some(address) = address else { continue };
        let address = socket2::SockAddr::from(SocketAddrV4::new(address, 0));
        // SAFETY: a socket address of IPv4 has the size of the field.
        request.ifr_ifru.ifru_addr = unsafe { address.as_ptr().cast::<libc::sockaddr>().read() };
        control(&socket, what as _, &request)?;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as i16;
    control(&socket, libc::SIOCSIFFLAGS as _, &request)
}

/// Has a device take packets of so many bytes at most.
pub(crate) fn takes(name: &str, bytes: usize) -> io::Result<()> {
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    let mut request = named(name);
    request.ifr_ifru.ifru_mtu = bytes as libc::c_int;
    control(&socket, libc::SIOCSIFMTU as _, &request)
}

/// Gives a device an address of IPv6, in a network of 64 bits.
pub(crate) fn address_v6(name: &str, address: Ipv6Addr) -> io::Result<()> {
    let socket = UdpSocket::bind("[::]:0")?;
    let named = CString::new(name)?;
    // SAFETY: the name ends with a zero, and is only read.
    let index = unsafe { libc::if_nametoindex(named.as_ptr()) };
    let request = libc::in6_ifreq {
        ifr6_addr: libc::in6_addr { s6_addr: address.octets() },
        ifr6_prefixlen: 64,
        ifr6_ifindex: index as libc::c_int,
    };
    // SAFETY: this control reads one `in6_ifreq`, which outlives the call.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFADDR as _, &request) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Has a device compute no checksums: old kernels cut nothing for it then, new ones do it themselves.
pub(crate) fn without_checksums(name: &str) -> io::Result<()> {
    const SET_CHECKSUMS: u32 = 0x17;
    const SIOCETHTOOL: libc::c_ulong = 0x8946;
    let mut value = [SET_CHECKSUMS, 0];
    let mut request = named(name);
    request.ifr_ifru.ifru_data = value.as_mut_ptr().cast();
    control(&UdpSocket::bind("0.0.0.0:0")?, SIOCETHTOOL, &request)
}

fn named(name: &str) -> libc::ifreq {
    // SAFETY: a plain C structure of integers and addresses; all zeroes is a valid value.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (place, byte) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *place = byte as libc::c_char;
    }
    request
}

fn control(descriptor: &impl AsRawFd, what: libc::c_ulong, request: &libc::ifreq) -> io::Result<()> {
    // SAFETY: these controls read and write one `ifreq`, which outlives the call.
    let result =
        unsafe { libc::ioctl(descriptor.as_raw_fd(), what as _, std::ptr::from_ref(request).cast_mut()) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
