//! Directories of Windows, which hold files and directories alone.

use std::os::windows::fs::FileExt;
use std::path::Path;

/// Whether a site has links, and a pipe.
pub(crate) const HAS_LINKS: bool = false;

/// Links need a right that hardly any user has, and there are no pipes in directories.
pub(crate) fn fill(_site: &Path) {}

/// Writes at a place of a file.
pub(crate) fn write_at(file: &std::fs::File, bytes: &[u8], offset: u64) {
    assert_eq!(file.seek_write(bytes, offset).unwrap(), bytes.len());
}
