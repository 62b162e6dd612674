//! The system itself looks after the borders (`openat2` with `RESOLVE_BENEATH`): a symbolic link that leads out of the
//! directory is refused at the moment it is followed, so nobody can exchange one between a check and the opening.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use nix::sys::stat::{Mode, SFlag, fstat};

use super::Opened;
use crate::http::selection::{Facts, date_of};
use crate::http::status::Status;

/// How often an opening is tried that meets a directory being moved.
const TRIES: usize = 4;

/// Whether the system cannot keep the borders, as an error of [`Files::new`] tells.
pub(crate) fn has_no_borders(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::ENOSYS as i32)
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Files {
    root: OwnedFd,
}

impl Files {
    /// Serves this directory.
    pub(crate) fn new(directory: &Path) -> io::Result<Files> {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let root = nix::fcntl::open(directory, flags, Mode::empty())?;
        let files = Files { root };
        files.open_beneath(b".", OFlag::O_PATH)?;
        Ok(files)
    }

    /// Opens a path below it, or says how the request is to be refused.
    pub(crate) fn open(&self, path: &[u8]) -> Result<Opened, Status> {
        // A pipe without a writer would make the opening wait.
        let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
        let file = self.open_beneath(path, flags).map_err(refusal)?;
        let seen = fstat(&file).map_err(refusal)?;
        match SFlag::from_bits_truncate(seen.st_mode) & SFlag::S_IFMT {
            SFlag::S_IFREG => {
                let length = u64::try_from(seen.st_size).unwrap_or(0);
                Ok(Opened::File(file.into(), Facts { length, modified: date_of(seen.st_mtime) }))
            }
            SFlag::S_IFDIR => Ok(Opened::Directory),
            _ => Err(Status::Forbidden),
        }
    }

    fn open_beneath(&self, path: &[u8], flags: OFlag) -> Result<OwnedFd, Errno> {
        let resolve = ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_MAGICLINKS;
        let how = OpenHow::new().flags(flags | OFlag::O_CLOEXEC).resolve(resolve);
        let mut opened = Err(Errno::EAGAIN);
        for _ in 0..TRIES {
            opened = openat2(&self.root, path, how);
            if !matches!(opened, Err(Errno::EAGAIN | Errno::EINTR)) {
                break;
            }
        }
        opened
    }
}

/// What the client is told.
fn refusal(error: Errno) -> Status {
    match error {
        Errno::ENOENT | Errno::ENOTDIR | Errno::ENAMETOOLONG => Status::NotFound,
        // Out of the directory (EXDEV), in a circle of links (ELOOP), a socket (ENXIO), or not for this user.
        Errno::EXDEV | Errno::ELOOP | Errno::ENXIO | Errno::EACCES | Errno::EPERM => Status::Forbidden,
        Errno::EMFILE | Errno::ENFILE | Errno::ENOMEM | Errno::EAGAIN => Status::Unavailable,
        _ => Status::InternalError,
    }
}
