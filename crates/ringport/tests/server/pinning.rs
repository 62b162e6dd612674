//! Threads on the processors that were asked for, under the names that were, as Linux tells of them.

use std::sync::{Arc, Mutex};

use crate::ways::ways;

/// A field of `/proc/thread-self/status`.
fn status(name: &str) -> String {
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_start_matches(':').trim().to_owned()
}

#[test]
fn threads_are_pinned_and_named_as_asked() {
    let allowed = status("Cpus_allowed_list");
    let last: usize = allowed.rsplit([',', '-']).next().unwrap().parse().unwrap();
    for way in ways() {
        let made: Arc<Mutex<Vec<_>>> = Arc::default();
        let record = Arc::clone(&made);
        let server = way.server().pin([last]).name("shard");
        let server = server.start_with(move |thread| {
            record.lock().unwrap().push((thread, status("Name"), status("Cpus_allowed_list")));
            |datagram: ringport::Datagram<'_>| datagram.reply()
        });
        server.unwrap().stop().unwrap();
        let mut made = made.lock().unwrap().clone();
        made.sort();
        let threads = if way.design.takes_threads() { 2 } else { 1 };
        let expected: Vec<_> =
            (0..threads).map(|thread| (thread, format!("shard-{thread}"), last.to_string())).collect();
        assert_eq!(made, expected, "{way}");
    }
}
