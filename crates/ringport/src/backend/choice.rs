//! Which backend is asked for, and which one runs.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The backend a program asks for.
///
/// ```
/// use ringport::BackendChoice;
///
/// let choice: BackendChoice = "epoll".parse()?;
/// assert_eq!(choice, BackendChoice::Epoll);
/// assert_eq!(BackendChoice::default(), BackendChoice::Automatic);
/// # Ok::<(), ringport::backend::UnknownBackend>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BackendChoice {
    /// On Linux io_uring where the kernel and its rules allow it, epoll otherwise; on Windows Registered I/O where the
    /// system has it, overlapped operations otherwise.
    #[default]
    Automatic,
    /// io_uring, or an error that says why it cannot run here.
    Uring,
    /// epoll with batches of datagrams a system call, on every Linux kernel.
    Epoll,
    /// Registered I/O of Windows, or an error that says why it cannot run here.
    Rio,
    /// Overlapped operations with a completion port, on every Windows.
    Overlapped,
}

/// The backend that runs.
///
/// ```
/// use ringport::BackendKind;
///
/// assert_eq!(BackendKind::Uring.to_string(), "uring");
/// assert_eq!("epoll".parse(), Ok(BackendKind::Epoll));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BackendKind {
    /// io_uring: one multishot receive a socket, fed by a ring of provided buffers.
    Uring,
    /// epoll, with recvmmsg and sendmmsg.
    Epoll,
    /// Registered I/O of Windows: requests and results in memory that is shared with the kernel.
    Rio,
    /// Overlapped operations of Windows, whose packets are taken in batches.
    Overlapped,
}

/// A word that names no backend.
///
/// ```
/// use ringport::BackendChoice;
///
/// let error = "kqueue".parse::<BackendChoice>().unwrap_err();
/// assert_eq!(error.to_string(), "\"kqueue\" is no backend: write uring, epoll, rio, overlapped or automatic");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{given:?} is no backend: write {allowed}")]
pub struct UnknownBackend {
    given: String,
    allowed: &'static str,
}

impl UnknownBackend {
    /// The word that was given.
    ///
    /// ```
    /// use ringport::BackendKind;
    ///
    /// assert_eq!("automatic".parse::<BackendKind>().unwrap_err().given(), "automatic");
    /// ```
    pub fn given(&self) -> &str {
        &self.given
    }
}

impl fmt::Display for BackendChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            BackendChoice::Automatic => "automatic",
            BackendChoice::Uring => "uring",
            BackendChoice::Epoll => "epoll",
            BackendChoice::Rio => "rio",
            BackendChoice::Overlapped => "overlapped",
        })
    }
}

impl FromStr for BackendChoice {
    type Err = UnknownBackend;

    fn from_str(word: &str) -> Result<Self, UnknownBackend> {
        match word {
            "automatic" => Ok(BackendChoice::Automatic),
            "uring" => Ok(BackendChoice::Uring),
            "epoll" => Ok(BackendChoice::Epoll),
            "rio" => Ok(BackendChoice::Rio),
            "overlapped" => Ok(BackendChoice::Overlapped),
            _ => Err(UnknownBackend {
                given: word.to_owned(),
                allowed: "uring, epoll, rio, overlapped or automatic",
            }),
        }
    }
}

impl From<BackendKind> for BackendChoice {
    fn from(kind: BackendKind) -> Self {
        match kind {
            BackendKind::Uring => BackendChoice::Uring,
            BackendKind::Epoll => BackendChoice::Epoll,
            BackendKind::Rio => BackendChoice::Rio,
            BackendKind::Overlapped => BackendChoice::Overlapped,
        }
    }
}

impl fmt::Display for BackendKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        BackendChoice::from(*self).fmt(formatter)
    }
}

impl FromStr for BackendKind {
    type Err = UnknownBackend;

    fn from_str(word: &str) -> Result<Self, UnknownBackend> {
        match word {
            "uring" => Ok(BackendKind::Uring),
            "epoll" => Ok(BackendKind::Epoll),
            "rio" => Ok(BackendKind::Rio),
            "overlapped" => Ok(BackendKind::Overlapped),
            _ => Err(UnknownBackend { given: word.to_owned(), allowed: "uring, epoll, rio or overlapped" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_as_it_is_printed() {
        assert_eq!(BackendChoice::Automatic.to_string().parse(), Ok(BackendChoice::Automatic));
        for kind in [BackendKind::Uring, BackendKind::Epoll, BackendKind::Rio, BackendKind::Overlapped] {
            let choice = BackendChoice::from(kind);
            assert_eq!(choice.to_string().parse(), Ok(choice));
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
    }

    #[test]
    fn an_unknown_word_is_named_with_what_is_allowed() {
        let error = "automatic".parse::<BackendKind>().unwrap_err();
        assert_eq!(error.to_string(), "\"automatic\" is no backend: write uring, epoll, rio or overlapped");
        assert_eq!("".parse::<BackendChoice>().unwrap_err().given(), "");
        assert!("URING".parse::<BackendChoice>().is_err());
    }
}
