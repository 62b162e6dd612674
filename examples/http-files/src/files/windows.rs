//! A path is walked a name at a time, and each directory on the way is held open:
//!
//! ```text
//!   root ──► images ──► logo.png         held: nobody can rename, replace or remove it (no FILE_SHARE_DELETE)
//!   held     held       opened           asked of the open handle: whether it is a link (a reparse point)
//! ```
//!
//! So what was found to be a directory still is when the next name is opened in it. No link is followed, not even one
//! that stays below the directory, and a name that Windows takes for anything but a file of that name is not looked for:
//! a device, a stream, a short way to write another.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::Opened;
use crate::http::selection::{Facts, date_of};
use crate::http::status::Status;

// From the documentation of CreateFile and of file attributes.
const FILE_SHARE_READ: u32 = 1;
const FILE_SHARE_WRITE: u32 = 2;
/// Needed to open a directory.
const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
/// A link is opened itself.
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
/// Reads are operations that a port tells of.
const FILE_FLAG_OVERLAPPED: u32 = 0x4000_0000;
const FILE_ATTRIBUTE_REPARSE_POINT: u32 = 0x400;

/// Names of devices, whatever stands behind a dot.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];
/// The same with a number behind them.
const NUMBERED_DEVICES: [&str; 2] = ["COM", "LPT"];
/// No part of a name, or a way to something else than a file.
const NOT_IN_NAMES: [char; 9] = ['\\', ':', '*', '?', '"', '<', '>', '|', '/'];

/// Whether the system cannot keep the borders.
pub(crate) fn has_no_borders(_error: &io::Error) -> bool {
    false
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Files {
    /// Its full path, links resolved, and the directory itself, held.
    path: PathBuf,
    _root: File,
}

impl Files {
    /// Serves this directory.
    pub(crate) fn new(directory: &Path) -> io::Result<Files> {
        let path = directory.canonicalize()?;
        let root = open(&path)?;
        if !root.metadata()?.is_dir() {
            return Err(ErrorKind::NotADirectory.into());
        }
        Ok(Files { path, _root: root })
    }

    /// Opens a path below it, or says how the request is to be refused.
    pub(crate) fn open(&self, path: &[u8]) -> Result<Opened, Status> {
        let names = str::from_utf8(path).map_err(|_| Status::NotFound)?;
        let mut path = self.path.clone();
        let mut held = Vec::new();
        let mut names = names.split('/').filter(|name| !matches!(*name, "" | ".")).peekable();
        while let Some(name) = names.next() {
            if !is_plain(name) {
                return Err(Status::NotFound);
            }
            path.push(name);
            let opened = open(&path).map_err(|error| refusal(&error))?;
            let seen = opened.metadata().map_err(|error| refusal(&error))?;
            if seen.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT != 0 {
                return Err(Status::Forbidden);
            }
            if seen.is_dir() {
                held.push(opened);
                continue;
            }
            if names.peek().is_some() {
                return Err(Status::NotFound);
            }
            let modified = seen.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            let modified = modified.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0));
            return Ok(Opened::File(opened, Facts { length: seen.len(), modified: date_of(modified) }));
        }
        Ok(Opened::Directory)
    }
}

/// Opens what has this path, be it a file, a directory or a link, to be read and held.
fn open(path: &Path) -> io::Result<File> {
    let flags = FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_OVERLAPPED;
    OpenOptions::new()
        .read(true)
        .share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE)
        .custom_flags(flags)
        .open(path)
}

/// Whether Windows takes it for the name of a file and nothing else.
fn is_plain(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let is_numbered = NUMBERED_DEVICES.iter().any(|device| {
        stem.strip_prefix(device).is_some_and(|number| {
            let mut letters = number.chars();
            letters.next().is_some_and(|letter| letter.is_numeric()) && letters.next().is_none()
        })
    });
    let is_device = is_numbered || DEVICES.contains(&stem.as_str());
    let strange = |letter: char| letter.is_control() || NOT_IN_NAMES.contains(&letter);
    !(is_device || name.contains(strange) || name.ends_with(['.', ' ']) || name == "..")
}

/// What the client is told.
fn refusal(error: &io::Error) -> Status {
    /// ERROR_SHARING_VIOLATION: somebody writes it and lets nobody read meanwhile.
    const SHARING_VIOLATION: i32 = 32;
    match (error.kind(), error.raw_os_error()) {
        (_, Some(SHARING_VIOLATION)) => Status::Unavailable,
        (ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename, _) => Status::NotFound,
        (ErrorKind::PermissionDenied, _) => Status::Forbidden,
        (ErrorKind::OutOfMemory, _) => Status::Unavailable,
        _ => Status::InternalError,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_told_from_all_else() {
        for name in ["index.html", "a b", "CONSOLE", "COM", "COM10", "lpt", "nul-and-void", "käse.txt"] {
            assert!(is_plain(name), "{name}");
        }
        for name in [
            "..", "a.", "a ", "NUL", "nul.txt", "con .txt", "COM1", "lpt9.log", "COM²", "a:b", "a\\b", "C:",
            "a*", "\u{1}",
        ] {
            assert!(!is_plain(name), "{name}");
        }
    }

    #[test]
    fn a_directory_that_is_held_keeps_its_place() {
        let place = std::env::temp_dir().join(format!("ringport-http-files-{}", std::process::id()));
        std::fs::create_dir_all(place.join("inner")).unwrap();
        std::fs::write(place.join("inner").join("file.txt"), b"12345").unwrap();
        let files = Files::new(&place).unwrap();
        assert!(matches!(files.open(b"inner"), Ok(Opened::Directory)));
        assert!(matches!(files.open(b"inner/"), Ok(Opened::Directory)));
        assert!(matches!(files.open(b""), Ok(Opened::Directory)));
        let Ok(Opened::File(file, facts)) = files.open(b"inner/file.txt") else { panic!("it is there") };
        assert_eq!(facts.length, 5);
        for missing in [&b"../x"[..], b"inner/none", b"inner/file.txt/x", b"NUL", b"inner\\file.txt", b"\xff"]
        {
            assert!(matches!(files.open(missing), Err(Status::NotFound)), "{missing:?}");
        }
        let elsewhere = place.with_extension("elsewhere");
        assert!(std::fs::rename(&place, &elsewhere).is_err(), "it is held");
        drop((files, file));
        std::fs::remove_dir_all(place).unwrap();
    }
}
