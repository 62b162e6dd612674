//! What to change, a finding at a time.

use serde::Serialize;

use super::choice::Choice;

/// One thing worth changing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Advice {
    pub(super) finding: String,
    /// What it costs to leave it.
    pub(super) effect: String,
    pub(super) change: String,
}

/// On a choice of backends that leaves none, whatever the system.
pub(super) fn on_choice(choice: &Choice) -> Option<Advice> {
    choice.chosen.is_none().then(|| Advice {
        finding: format!("there is no backend: {}", choice.why),
        effect: "programs that name none themselves end with that error".into(),
        change: "unset RINGPORT_BACKEND, or set it to automatic".into(),
    })
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
