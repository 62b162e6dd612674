//! The numbers of the families of addresses, as an address has them.

pub(crate) use windows_sys::Win32::Networking::WinSock::{AF_INET, AF_INET6};
