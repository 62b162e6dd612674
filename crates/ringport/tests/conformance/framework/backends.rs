//! The backends that every row runs on.

use ringport::BackendChoice;

/// One backend of the library.
#[derive(Debug)]
pub(crate) struct Backend {
    /// In the names of tests.
    pub(crate) name: &'static str,
    /// In the page.
    pub(crate) title: &'static str,
    pub(crate) choice: BackendChoice,
}

/// One line for each backend.
pub(crate) const BACKENDS: &[Backend] = &[
    Backend { name: "uring", title: "io_uring", choice: BackendChoice::Uring },
    Backend { name: "epoll", title: "epoll", choice: BackendChoice::Epoll },
];

impl Backend {
    /// Why it cannot run on this machine, if so.
    pub(crate) fn missing(&self) -> Option<String> {
        ringport::backend::explain(self.choice).err().map(|error| error.to_string())
    }
}

/// Those that can run on this machine.
pub(crate) fn present() -> Vec<&'static Backend> {
    BACKENDS.iter().filter(|backend| backend.missing().is_none()).collect()
}
