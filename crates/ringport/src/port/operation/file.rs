//! Files on a port.

use super::buffers::{ReadBuffer, WriteBuffer};
use super::common::common_methods;
use super::handle::Handle;
use super::{NotStarted, Started};
use crate::backend::plain::What;

/// A file that belongs to a port ([`CompletionPort::associate_file`](crate::CompletionPort::associate_file)).
///
/// A clone is the same handle, and any thread may use it. Each operation names its offset, and they have no order
/// among each other. Over io_uring the system does them; over epoll a few threads of the port do. What is in memory
/// already is read at once.
///
/// An operation that is being done cannot be ended on every file; closing waits for it.
///
/// On Windows the system reads and writes, too, for which the file has to be opened with `FILE_FLAG_OVERLAPPED`. One that
/// was not is opened once more (`ReOpenFile`), with the same rights; that needs others to be allowed to read, write and
/// delete it, as files of the standard library allow. What is locked stays locked by the file that was given, which is
/// kept open.
///
/// ```
/// use ringport::port::OperationFailure;
/// use ringport::{CompletionPort, Packet};
///
/// let path = std::env::temp_dir().join(format!("ringport-doc-{}", std::process::id()));
/// std::fs::write(&path, b"some text")?;
/// let port = CompletionPort::new(1)?;
/// let file = port.associate_file(std::fs::File::open(&path)?, 5)?;
/// file.read_at(Vec::with_capacity(100), 5, 1)?;
/// file.read_at(Vec::with_capacity(100), 9, 2)?;
/// for _ in 0..2 {
///     let Packet::Operation(done) = port.wait(None)? else { panic!("nothing else was posted") };
///     match done.context() {
///         1 => assert_eq!(done.received(), b"text"),
///         _ => assert!(matches!(done.result(), Err(OperationFailure::EndOfFile))),
///     }
/// }
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PortFile {
    pub(super) handle: Handle,
}

common_methods!(
    PortFile,
    "file",
    r#"let handle = port.associate_file(std::fs::File::open(std::env::current_exe()?)?, 7)?;"#
);

impl PortFile {
    /// Reads from `offset` on, in bytes from the start of the file, as much as fits into the buffer and is there
    /// (`ReadFile`). Nothing there is [`EndOfFile`](super::OperationFailure::EndOfFile).
    ///
    /// # Errors
    /// [`NotStarted`] with the buffer: the limit is reached, or the handle or its port is closed.
    pub fn read_at<B: ReadBuffer>(
        &self,
        buffer: B,
        offset: u64,
        context: u64,
    ) -> Result<Started, NotStarted<B>> {
        self.handle.start(What::Read(offset), None, buffer, B::into_operation, context)
    }

    /// Writes all of the buffer at `offset`, in bytes from the start of the file (`WriteFile`).
    ///
    /// # Errors
    /// [`NotStarted`] with the buffer: the limit is reached, or the handle or its port is closed.
    pub fn write_at<B: WriteBuffer>(
        &self,
        buffer: B,
        offset: u64,
        context: u64,
    ) -> Result<Started, NotStarted<B>> {
        self.handle.start(What::Write(offset), None, buffer, B::into_operation, context)
    }
}
