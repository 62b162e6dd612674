//! Directories of Linux, which hold links and pipes.

use std::path::Path;

/// Whether a site has links, and a pipe.
pub(crate) const HAS_LINKS: bool = true;

/// Puts links into a directory, within it and out of it, and a pipe.
pub(crate) fn fill(site: &Path) {
    std::os::unix::fs::symlink("../secret.txt", site.join("out.txt")).unwrap();
    std::os::unix::fs::symlink("/", site.join("root")).unwrap();
    std::os::unix::fs::symlink("index.html", site.join("in.html")).unwrap();
    std::os::unix::fs::symlink("circle", site.join("circle")).unwrap();
    nix::unistd::mkfifo(&site.join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
}

/// Writes at a place of a file.
pub(crate) fn write_at(file: &std::fs::File, bytes: &[u8], offset: u64) {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset).unwrap();
}
