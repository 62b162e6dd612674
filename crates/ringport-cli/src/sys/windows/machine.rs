//! The machine: what it is, and what all its processes and its kernel did since it was started.

use ringport::backend::tool;
use windows_version::OsVersion;
use winsafe::{GlobalMemoryStatusEx, HKEY, RegistryValue, co};

use crate::figures::system::System;

/// The version of Windows, with the number of its build, which tells 10 from 11.
pub(crate) fn kernel() -> String {
    let version = OsVersion::current();
    format!("Windows {}.{}.{}", version.major, version.minor, version.build)
}

/// What its processors call themselves.
pub(crate) fn cpu_model() -> Option<String> {
    let key = "HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0";
    let told = HKEY::LOCAL_MACHINE.RegGetValue(Some(key), Some("ProcessorNameString"), co::RRF::RT_REG_SZ);
    match told {
        Ok(RegistryValue::Sz(name)) => Some(name.trim().to_owned()),
        _ => None,
    }
}

/// Windows has no such limit.
pub(crate) fn largest_receive_buffer() -> Option<u64> {
    None
}

/// What all of it did so far: of UDP alone, the rest is not told.
pub(crate) fn system() -> System {
    let (datagrams, errors) = tool::datagrams_and_errors().unzip();
    System { udp_in_datagrams: datagrams, udp_in_errors: errors, ..System::default() }
}

/// Bytes of memory that processes could have without anything being swapped out.
pub(crate) fn available_memory() -> Option<u64> {
    GlobalMemoryStatusEx().ok().map(|status| status.ullAvailPhys)
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
