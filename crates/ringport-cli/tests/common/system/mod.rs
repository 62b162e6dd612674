//! What tests ask of the system: Ctrl-C for a child, and the backends that can run here.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::{BACKENDS, interrupt, set_apart};
#[cfg(windows)]
pub(crate) use windows::{BACKENDS, interrupt, set_apart};

use ringport::{BackendChoice, Design};

/// The backends of this system; one that cannot run here is left out with a line that says why.
pub(crate) fn backends() -> impl Iterator<Item = &'static str> {
    BACKENDS.into_iter().filter(|word| {
        let choice: BackendChoice = word.parse().unwrap();
        let refused = ringport::backend::explain(choice).err();
        refused.iter().for_each(|error| println!("skipped for {word}: {error}"));
        refused.is_none()
    })
}

/// Of these designs, those that this system has.
pub(crate) fn offered<'a>(designs: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    designs.iter().copied().filter(|name| name.parse::<Design>().unwrap().refusal().is_none())
}
