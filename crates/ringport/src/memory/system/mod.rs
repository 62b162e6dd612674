//! What lies below the pools and differs between the systems: a folder for each, with items of the same names.
//!
//! ```text
//!                 Linux                              Windows
//!   pages         mmap, MAP_HUGETLB, madvise, mbind  VirtualAllocExNuma, MEM_LARGE_PAGES
//!   lock          mlock, RLIMIT_MEMLOCK              VirtualLock, the working set
//!   headroom      what the kernel writes before a payload, and where
//!   stretch       nothing to remember                the id that RIORegisterBuffer gave
//!   search        memchr                             a loop
//!   numbers       the system's own of two errors that are made here
//! ```
//!
//! Nothing here decides anything: what to ask for, and what to do when it is refused, is the rooms' above.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(super) use linux::*;
#[cfg(windows)]
pub(super) use windows::*;
