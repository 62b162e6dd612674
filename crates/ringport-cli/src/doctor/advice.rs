//! What to change, a finding at a time.

use serde::Serialize;

/// One thing worth changing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Advice {
    pub(super) finding: String,
    /// What it costs to leave it.
    pub(super) effect: String,
    pub(super) change: String,
}

/// On so many processors, whatever the system.
pub(super) fn on_processors(count: usize) -> Option<Advice> {
    (count == 1).then(|| Advice {
        finding: "one CPU is available".into(),
        effect: "sharded designs spread over nothing, and the generator competes with what it measures"
            .into(),
        change: "give this machine, container or CPU set at least two".into(),
    })
}
