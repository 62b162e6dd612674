//! Huge pages on request, with a step down that is told: explicit ones, then transparent ones, then ordinary.

use super::system::pages::HUGE_PAGES_HINT;
use std::fmt;
use std::io;

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
    /// Explicit huge pages where there are any, else transparent ones, else ordinary ones;
    /// [`PoolFigures::huge_pages`](super::PoolFigures::huge_pages) says which.
    ///
    /// On Linux the administrator reserves explicit ones (`MAP_HUGETLB`), and the kernel is asked for transparent ones
    /// by `madvise`. On Windows there are explicit ones only (`MEM_LARGE_PAGES`), for programs with the right to lock
    /// pages in memory, which is switched on for the process; they stay in memory whatever [`Lock`](super::Lock) says.
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
    /// The kernel was asked to use huge pages where it can (Linux).
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
                    "transparent huge pages; no explicit ones: {} ({HUGE_PAGES_HINT})",
                    reason(explicit)
                )
            }
            HugePageState::Ordinary { explicit, transparent } => write!(
                formatter,
                "ordinary pages; no explicit huge pages: {} ({HUGE_PAGES_HINT}); no transparent ones: {}",
                reason(explicit),
                reason(transparent)
            ),
        }
    }
}
