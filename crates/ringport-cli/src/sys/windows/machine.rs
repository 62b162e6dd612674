//! The machine: what it is, and what all its processes and its kernel did since it was started.

use std::ptr;

use windows_sys::Wdk::System::SystemServices::RtlGetVersion;
use windows_sys::Win32::NetworkManagement::IpHelper::{GetUdpStatisticsEx, MIB_UDPSTATS};
use windows_sys::Win32::Networking::WinSock::{AF_INET, AF_INET6};
use windows_sys::Win32::System::Registry::{HKEY_LOCAL_MACHINE, RRF_RT_REG_SZ, RegGetValueW};
use windows_sys::Win32::System::SystemInformation::{GlobalMemoryStatusEx, MEMORYSTATUSEX, OSVERSIONINFOW};
use windows_sys::core::w;

use crate::figures::system::System;

/// The version of Windows, with the number of its build, which tells 10 from 11.
pub(crate) fn kernel() -> String {
    let mut version = OSVERSIONINFOW {
        dwOSVersionInfoSize: size_of::<OSVERSIONINFOW>() as u32,
        ..OSVERSIONINFOW::default()
    };
    // SAFETY: the place for the answer has the size that it states.
    match unsafe { RtlGetVersion(&mut version) } {
        0 => {
            format!("Windows {}.{}.{}", version.dwMajorVersion, version.dwMinorVersion, version.dwBuildNumber)
        }
        _ => "Windows".into(),
    }
}

/// What its processors call themselves.
pub(crate) fn cpu_model() -> Option<String> {
    let mut name = [0u16; 128];
    let mut bytes = size_of_val(&name) as u32;
    // SAFETY: both names are strings that end with zero, and the place for the value is as large as stated.
    let returned = unsafe {
        RegGetValueW(
            HKEY_LOCAL_MACHINE,
            w!("HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0"),
            w!("ProcessorNameString"),
            RRF_RT_REG_SZ,
            ptr::null_mut(),
            name.as_mut_ptr().cast(),
            &mut bytes,
        )
    };
    let name = String::from_utf16_lossy(name.split(|unit| *unit == 0).next().unwrap_or_default());
    (returned == 0).then(|| name.trim().to_owned())
}

/// Windows has no such limit.
pub(crate) fn largest_receive_buffer() -> Option<u64> {
    None
}

/// What all of it did so far: of UDP alone, the rest is not told.
pub(crate) fn system() -> System {
    let (four, six) = (udp(AF_INET), udp(AF_INET6));
    let both = |count: fn(&MIB_UDPSTATS) -> u32| {
        let [four, six] = [&four, &six].map(|it| it.as_ref().map(|it| u64::from(count(it))));
        four.or(six).map(|_| four.unwrap_or(0) + six.unwrap_or(0))
    };
    System {
        udp_in_datagrams: both(|it| it.dwInDatagrams),
        udp_in_errors: both(|it| it.dwInErrors),
        ..System::default()
    }
}

fn udp(family: u16) -> Option<MIB_UDPSTATS> {
    let mut statistics = MIB_UDPSTATS::default();
    // SAFETY: the place for the answer is valid.
    (unsafe { GetUdpStatisticsEx(&mut statistics, family.into()) } == 0).then_some(statistics)
}

/// Bytes of memory that processes could have without anything being swapped out.
pub(crate) fn available_memory() -> Option<u64> {
    let mut status =
        MEMORYSTATUSEX { dwLength: size_of::<MEMORYSTATUSEX>() as u32, ..MEMORYSTATUSEX::default() };
    // SAFETY: the place for the answer has the size that it states.
    (unsafe { GlobalMemoryStatusEx(&mut status) } != 0).then_some(status.ullAvailPhys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_tells_what_it_is() {
        let told = kernel();
        assert!(told.starts_with("Windows ") && told.matches('.').count() == 2, "{told}");
        assert!(cpu_model().is_none_or(|model| !model.is_empty()));
        assert!(available_memory() > Some(1 << 20));
        assert_eq!(system().context_switches, None);
    }
}
