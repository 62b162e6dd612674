//! The backends of this system and the designs of servers, and those of them that can run here.

use ringport::{BackendChoice, Design};

/// The words for the backends of this system.
#[cfg(target_os = "linux")]
pub const BACKENDS: [&str; 2] = ["uring", "epoll"];
/// The words for the backends of this system.
#[cfg(windows)]
pub const BACKENDS: [&str; 2] = ["rio", "overlapped"];

/// The backends that can run here; one that cannot is left out with a line that says why.
pub fn backends() -> impl Iterator<Item = &'static str> {
    BACKENDS.into_iter().filter(|backend| can_run(backend))
}

/// Of these designs, those that this system has; for another there is a line that says why.
pub fn offered<'a>(designs: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    designs.iter().copied().filter(|name| {
        let refusal = name.parse::<Design>().unwrap().refusal();
        refusal.iter().for_each(|why| println!("skipped for {name}: {why}"));
        refusal.is_none()
    })
}

/// Runs a test on a backend, or says why that cannot be.
pub fn on_backend(backend: &'static str, test: fn(&'static str)) {
    if can_run(backend) {
        test(backend);
    }
}

fn can_run(backend: &str) -> bool {
    let choice: BackendChoice = backend.parse().unwrap();
    let refused = ringport::backend::explain(choice).err();
    refused.iter().for_each(|error| println!("skipped for {backend}: {error}"));
    refused.is_none()
}

/// Makes a test of each function for each backend of this system.
#[macro_export]
macro_rules! on_each_backend {
    ($($name:ident),* $(,)?) => {
        $(mod $name {
            #[cfg(target_os = "linux")]
            #[test]
            fn uring() {
                $crate::on_backend("uring", super::$name);
            }
            #[cfg(target_os = "linux")]
            #[test]
            fn epoll() {
                $crate::on_backend("epoll", super::$name);
            }
            #[cfg(windows)]
            #[test]
            fn rio() {
                $crate::on_backend("rio", super::$name);
            }
            #[cfg(windows)]
            #[test]
            fn overlapped() {
                $crate::on_backend("overlapped", super::$name);
            }
        })*
    };
}
