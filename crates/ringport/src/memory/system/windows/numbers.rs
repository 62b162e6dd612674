//! The numbers of errors that are made here and read like the system's.

use windows_sys::Win32::Foundation::{ERROR_INVALID_PARAMETER, ERROR_NOT_ENOUGH_MEMORY};

pub(crate) const OUT_OF_MEMORY: i32 = ERROR_NOT_ENOUGH_MEMORY as i32;
pub(crate) const INVALID: i32 = ERROR_INVALID_PARAMETER as i32;
