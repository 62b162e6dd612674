//! The methods that every handle of a port has.

/// What every handle offers, by the same names. `$made` makes one in the examples, called `handle`.
macro_rules! common_methods {
    ($type:ident, $noun:literal, $made:literal) => {
        impl $type {
            #[doc = concat!("The key that comes back with each packet of the ", $noun, ".")]
            ///
            /// ```
            /// # let port = ringport::CompletionPort::new(1)?;
            #[doc = $made]
            /// assert_eq!(handle.key(), 7);
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn key(&self) -> u64 {
                self.handle.key()
            }

            /// What carries its operations. On Windows this is always [`Overlapped`](crate::BackendKind::Overlapped).
            ///
            /// ```
            /// # let port = ringport::CompletionPort::new(1)?;
            #[doc = $made]
            /// println!("over {}", handle.backend());
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn backend(&self) -> $crate::BackendKind {
                self.handle.backend()
            }

            /// Sets how many operations may be outstanding: 1 to 1,048,576, both directions together; 1,024 at
            /// first. Those that are outstanding stay. On Windows those count, too, whose packets nobody took yet.
            ///
            /// # Errors
            /// [`LimitError`](super::LimitError) when that many cannot be.
            ///
            /// ```
            /// # let port = ringport::CompletionPort::new(1)?;
            #[doc = $made]
            /// handle.set_limit(16)?;
            /// assert!(handle.set_limit(0).is_err());
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn set_limit(&self, operations: usize) -> Result<(), super::LimitError> {
                self.handle.set_limit(operations)
            }

            /// How many operations are outstanding: started, and not done.
            ///
            /// ```
            /// # let port = ringport::CompletionPort::new(1)?;
            #[doc = $made]
            /// assert_eq!(handle.outstanding(), 0);
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn outstanding(&self) -> usize {
                self.handle.outstanding()
            }

            /// Whether an operation that is done at once gives its result to the caller
            /// ([`Started::Done`](super::Started::Done)), well or not, and posts no packet
            /// (`FILE_SKIP_COMPLETION_PORT_ON_SUCCESS`). Off at first. It counts for operations that end from
            /// now on.
            ///
            /// ```
            /// # let port = ringport::CompletionPort::new(1)?;
            #[doc = $made]
            /// handle.skip_on_success(true);
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn skip_on_success(&self, skip: bool) {
                self.handle.set_skip(skip);
            }

            /// Cancels one operation (`CancelIoEx` with its `OVERLAPPED`). Its one packet comes still: aborted, or
            /// its true result if it was faster.
            ///
            /// # Errors
            /// [`CancelError::NotFound`](super::CancelError::NotFound): it is done already; its packet is queued,
            /// or was.
            ///
            /// ```
            /// # let port = ringport::CompletionPort::new(1)?;
            #[doc = $made]
            /// assert!(handle.cancel_all().is_err()); // nothing is outstanding
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn cancel(&self, operation: super::OperationId) -> Result<(), super::CancelError> {
                self.handle.cancel(operation)
            }

            /// Cancels all operations (`CancelIoEx` without an `OVERLAPPED`); returns how many. The one packet of
            /// each comes still: aborted, or its true result if it was faster.
            ///
            /// # Errors
            /// [`CancelError::NotFound`](super::CancelError::NotFound): nothing is outstanding.
            ///
            /// ```
            /// # let port = ringport::CompletionPort::new(1)?;
            #[doc = $made]
            /// assert!(handle.cancel_all().is_err()); // nothing is outstanding
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn cancel_all(&self) -> Result<usize, super::CancelError> {
                self.handle.cancel_all()
            }

            #[doc = concat!("Closes the ", $noun, ", as dropping its last clone does: what is outstanding is \
                cancelled, and the one packet of each operation comes still. It returns when the system has let go \
                of all buffers. Other clones can start nothing any more.")]
            ///
            /// ```
            /// # let port = ringport::CompletionPort::new(1)?;
            #[doc = $made]
            /// let same = handle.clone();
            /// handle.close();
            /// assert!(same.cancel_all().is_err());
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn close(self) {
                self.handle.close();
            }
        }
    };
}
pub(super) use common_methods;
