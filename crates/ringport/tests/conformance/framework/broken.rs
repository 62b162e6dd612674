//! The suite against the rig with one rule broken: exactly the row of that rule fails, on
//! every backend.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::backends::{Backend, present};
use super::row::{Named, Proof};
use super::runner::{Failure, LITTLE_PATIENCE, PATIENCE, run};

/// Rows that run at a time: more than processors, since some wait.
const AT_ONCE: usize = 4;

/// Breaks the rule of row `index`; an error names the rows that fail although they should not, or the reverse.
pub(super) fn breaks_exactly_one(rows: &[Named], index: usize) -> Result<(), String> {
    let mut wrong = Vec::new();
    for backend in present() {
        wrong.extend(must_fail(&rows[index], backend));
        // What is broken is in the rig, which is the same on every system; so it is enough to see once how far it goes.
        if cfg!(target_os = "linux") {
            wrong.extend(others_pass(rows, index, backend));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn must_fail(row: &Named, backend: &'static Backend) -> Option<String> {
    let Proof::Test { run: test, broken_by } = row.row.proof else { return None };
    match run(test, backend, Some(&row.id), LITTLE_PATIENCE) {
        Err(Failure::Failed(message)) => {
            // To see that it fails for the right reason.
            if std::env::var("RINGPORT_CONFORMANCE").is_ok_and(|word| word == "reasons") {
                println!("broken::{}::{}: {}", row.id, backend.name, message.replace('\n', " "));
            }
            None
        }
        Err(Failure::Hangs) => Some(format!("{}::{} hangs instead of failing", row.id, backend.name)),
        Ok(()) => Some(format!("{}::{} passes although {broken_by}", row.id, backend.name)),
    }
}

fn others_pass(rows: &[Named], index: usize, backend: &'static Backend) -> Vec<String> {
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
            let Proof::Test { run: test, .. } = row.row.proof else { continue };
            if row.id == rows[index].id || !row.row.runs_here() {
                continue;
            }
            if let Err(failure) = run(test, backend, Some(&rows[index].id), PATIENCE) {
                let text = format!("{}::{} fails, too: {failure}", row.id, backend.name);
                failed.lock().unwrap().push(text);
            }
        }
    };
    std::thread::scope(|scope| (0..AT_ONCE).for_each(|_| _ = scope.spawn(work)));
    failed.into_inner().unwrap()
}
