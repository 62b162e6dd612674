//! The backends that every row runs on.

#[cfg(all(windows, ringport_stand_in))]
#[path = "../../stand_in/install.rs"]
mod stand_in;

use ringport::BackendChoice;

/// One backend of the library.
#[derive(Debug)]
pub(crate) struct Backend {
    /// In the names of tests.
    pub(crate) name: &'static str,
    /// In the page.
    pub(crate) title: &'static str,
    pub(crate) choice: BackendChoice,
    /// The system that it is of, as [`std::env::consts::OS`] calls it.
    pub(crate) system: &'static str,
}

const fn backend(
    name: &'static str,
    title: &'static str,
    choice: BackendChoice,
    system: &'static str,
) -> Backend {
    Backend { name, title, choice, system }
}

/// One line for each backend, in the order of the page.
pub(crate) const BACKENDS: &[Backend] = &[
    backend("uring", "io_uring", BackendChoice::Uring, "linux"),
    backend("epoll", "epoll", BackendChoice::Epoll, "linux"),
    backend("overlapped", "overlapped, Wine", BackendChoice::Overlapped, "windows"),
    backend("rio", "RIO calls, stand-in table under Wine", BackendChoice::Rio, "windows"),
];

impl Backend {
    /// Whether it is one of this system.
    pub(crate) fn is_of_this_system(&self) -> bool {
        self.system == std::env::consts::OS
    }

    /// Why it cannot run on this machine, if so.
    pub(crate) fn missing(&self) -> Option<String> {
        ringport::backend::explain(self.choice).err().map(|error| error.to_string())
    }
}

/// Those of this system.
pub(crate) fn here() -> impl Iterator<Item = &'static Backend> {
    BACKENDS.iter().filter(|backend| backend.is_of_this_system())
}

/// Those that can run on this machine.
pub(crate) fn present() -> Vec<&'static Backend> {
    here().filter(|backend| backend.missing().is_none()).collect()
}
