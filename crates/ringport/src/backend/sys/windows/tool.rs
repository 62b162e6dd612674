//! What the tool of this project and its tests ask of Windows and no crate gives them, so that they need no unsafe code.
//! Most of it the library has for itself.

use std::io;
use std::os::windows::io::BorrowedSocket;
use std::time::Duration;

use windows_sys::Win32::Media::timeBeginPeriod;
use windows_sys::Win32::NetworkManagement::IpHelper::{GetUdpStatisticsEx, MIB_UDPSTATS};
use windows_sys::Win32::Networking::WinSock::{AF_INET, AF_INET6, IPPROTO_UDP, UDP_SEND_MSG_SIZE};

use super::{clock, console, option, thread};

pub use super::keyboard::{alone, press_ctrl_c};

/// Nanoseconds of the performance counter, whose values mean the same in every process of one machine.
#[inline]
pub fn now() -> u64 {
    clock::now()
}

/// Has the system end waits at whole milliseconds, not at its ticks of about 16 ms.
pub fn wake_precisely() {
    // SAFETY: the call takes a number. Refused, waiting is less exact.
    unsafe { timeBeginPeriod(1) };
}

/// The calling thread's number.
pub fn thread_number() -> u32 {
    thread::number()
}

/// Time that a thread of this process has spent in the program and in the kernel; `None` once it has ended.
pub fn thread_times(number: u32) -> Option<(Duration, Duration)> {
    thread::usage_of(number).map(|used| (used.user, used.system))
}

/// Has `listener` told what the console tells, on a thread of its own; it is told whether the system ends the process as
/// soon as it returns, and returns whether it has dealt with it. There is one listener, the first.
pub fn listen_to_console(listener: fn(bool) -> bool) -> io::Result<()> {
    static LISTENER: std::sync::OnceLock<fn(bool) -> bool> = std::sync::OnceLock::new();
    LISTENER.get_or_init(|| listener);
    console::listen(|event| LISTENER.get().is_some_and(|listener| listener(event.ends_the_process())))
}

/// Has the socket cut what it is given into datagrams of so many bytes; 0: not any more.
pub fn cut_sends(socket: BorrowedSocket<'_>, bytes: u32) -> io::Result<()> {
    option::set(socket, IPPROTO_UDP, UDP_SEND_MSG_SIZE, &bytes)
}

/// Datagrams that all sockets of the machine have received, and errors of receiving; `None` where it is not told.
pub fn datagrams_and_errors() -> Option<(u64, u64)> {
    let told: Vec<_> = [AF_INET, AF_INET6].into_iter().filter_map(statistics).collect();
    let sum = |count: fn(&MIB_UDPSTATS) -> u32| told.iter().map(|it| u64::from(count(it))).sum();
    (!told.is_empty()).then(|| (sum(|it| it.dwInDatagrams), sum(|it| it.dwInErrors)))
}

fn statistics(family: u16) -> Option<MIB_UDPSTATS> {
    let mut statistics = MIB_UDPSTATS::default();
    // SAFETY: the place for the answer is valid for writing.
    (unsafe { GetUdpStatisticsEx(&mut statistics, family.into()) } == 0).then_some(statistics)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_counts_what_it_receives() {
        let before = datagrams_and_errors();
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.send_to(b"counted", socket.local_addr().unwrap()).unwrap();
        socket.recv(&mut [0; 16]).unwrap();
        // It counts what all programs receive.
        assert!(datagrams_and_errors() >= before);
    }
}
