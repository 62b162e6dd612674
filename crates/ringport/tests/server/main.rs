//! Servers over real sockets: every design, on every backend it can run on.

// The helpers that are not tests themselves may fail like tests.
#![allow(clippy::unwrap_used, clippy::panic)]

mod addresses;
#[path = "../common/backends/mod.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "the suites of queues use the rest")]
mod backends;
mod bind;
mod child;
mod counters;
#[path = "../common/designs.rs"]
#[expect(dead_code, reason = "the suites of streams use the rest")]
mod designs;
mod echo;
#[path = "../common/families.rs"]
#[expect(dead_code, reason = "the suites of sockets and queues use the rest")]
mod families;
mod faults;
mod keep;
mod local_address;
#[path = "../common/lonely.rs"]
mod lonely;
#[path = "../net/loopback.rs"]
#[expect(dead_code, unused_imports, reason = "the suite of sockets uses the rest")]
mod loopback;
mod metadata;
mod multicast;
#[path = "../common/nobody.rs"]
#[expect(dead_code, reason = "the suites of streams use the rest")]
mod nobody;
mod on_port;
#[cfg(target_os = "linux")]
#[path = "../common/ordinary_user.rs"]
mod ordinary_user;
#[cfg(target_os = "linux")]
mod pinning;
#[cfg(target_os = "linux")]
mod privileges;
mod sender;
mod shards;
#[cfg(target_os = "linux")]
mod signals;
mod stop;
#[path = "../common/system/mod.rs"]
mod system;
#[path = "../common/until.rs"]
mod until;
mod ways;
