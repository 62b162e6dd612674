//! Huge pages on request, with a step down that is told: explicit ones, then transparent ones, then ordinary.

use std::fmt;
use std::io;
use std::ptr::NonNull;

/// Whether a pool asks for huge pages.
///
/// ```
/// use ringport::{BufferPool, HugePages};
///
/// let pool = BufferPool::builder().slices_per_region(64).huge_pages(HugePages::Preferred).build()?;
/// println!("{}", pool.figures().huge_pages);          // what it got, and why not better
/// # Ok::<(), ringport::memory::MemoryError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HugePages {
    /// Ordinary pages.
    #[default]
    Off,
    /// Explicit huge pages (`MAP_HUGETLB`) where the administrator reserved some, else transparent ones
    /// (`madvise`), else ordinary ones; [`PoolFigures::huge_pages`](super::PoolFigures::huge_pages) says which.
    ///
    /// A region is then rounded up to whole huge pages (2 MiB on most machines).
    Preferred,
}

/// What kind of pages a region got, and what refused the better kinds (system error numbers).
///
/// It is told in [`PoolFigures::huge_pages`](super::PoolFigures::huge_pages), for the most recent region; printed, it
/// says why there is nothing better.
///
/// ```
/// use ringport::memory::HugePageState;
/// use ringport::{BufferPool, HugePages};
///
/// let builder = BufferPool::builder().slices_per_region(16);
/// assert_eq!(builder.clone().build()?.figures().huge_pages, HugePageState::Off);
/// let state = builder.huge_pages(HugePages::Preferred).build()?.figures().huge_pages;
/// assert_ne!(state, HugePageState::Off);
/// println!("{state}");
/// # Ok::<(), ringport::memory::MemoryError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HugePageState {
    /// Nobody asked.
    Off,
    /// Explicit huge pages.
    Explicit,
    /// The kernel was asked to use huge pages where it can.
    Transparent {
        /// Why there were no explicit ones.
        explicit: i32,
    },
    /// Ordinary pages.
    Ordinary {
        /// Why there were no explicit ones.
        explicit: i32,
        /// Why there were no transparent ones.
        transparent: i32,
    },
}

impl fmt::Display for HugePageState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = |number: i32| io::Error::from_raw_os_error(number);
        match *self {
            HugePageState::Off => formatter.write_str("not asked for"),
            HugePageState::Explicit => formatter.write_str("explicit huge pages"),
            HugePageState::Transparent { explicit } => {
                write!(
                    formatter,
                    "transparent huge pages; no explicit ones: {} (vm.nr_hugepages)",
                    reason(explicit)
                )
            }
            HugePageState::Ordinary { explicit, transparent } => write!(
                formatter,
                "ordinary pages; no explicit huge pages: {} (vm.nr_hugepages); no transparent ones: {}",
                reason(explicit),
                reason(transparent)
            ),
        }
    }
}

/// The system's size of an explicit huge page.
pub(crate) fn size() -> usize {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Hugepagesize:"));
    let kilobytes = line.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse::<usize>().ok());
    kilobytes.filter(|kilobytes| *kilobytes > 0).unwrap_or(2048).saturating_mul(1024)
}

/// Asks for transparent huge pages in a fresh mapping.
pub(crate) fn advise(base: NonNull<u8>, bytes: usize, explicit: i32) -> HugePageState {
    // SAFETY: the advice changes how the range is backed, never what it holds.
    if unsafe { libc::madvise(base.as_ptr().cast(), bytes, libc::MADV_HUGEPAGE) } == 0 {
        return HugePageState::Transparent { explicit };
    }
    let transparent = io::Error::last_os_error().raw_os_error().unwrap_or(0);
    HugePageState::Ordinary { explicit, transparent }
}
