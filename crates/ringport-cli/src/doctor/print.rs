//! What is printed for people on every system.

use std::io;

use crate::output::{self, styled};

use super::advice::Advice;
use super::choice::{Choice, Feature};

/// Prints which backend runs.
pub(super) fn choice(choice: &Choice) -> io::Result<()> {
    row("chosen", &format!("{}: {}", choice.chosen.as_deref().unwrap_or("none"), choice.why))?;
    let for_tcp = match (&choice.chosen_for_tcp, &choice.chosen) {
        (Some(for_tcp), chosen) if Some(for_tcp) != chosen.as_ref() => {
            format!("{for_tcp}: it costs less where connections take turns")
        }
        (for_tcp, _) => for_tcp.clone().unwrap_or("none".into()),
    };
    row("for TCP", &for_tcp)
}

/// Prints what was tried.
pub(super) fn features(features: &[Feature]) -> io::Result<()> {
    for feature in features {
        let (style, word) = match (feature.available, feature.required) {
            (true, _) => (output::GOOD, "yes"),
            (false, false) => (output::WARNING, "no "),
            (false, true) => (output::BAD, "no "),
        };
        let need = if feature.required { "needed" } else { "helpful" };
        let error = feature.error.as_ref().map_or(String::new(), |error| format!(": {error}"));
        row("", &format!("{} {} ({need}{error})", styled(style, word), feature.name))?;
    }
    Ok(())
}

/// Prints what to change.
pub(super) fn advice(advice: &[Advice]) -> io::Result<()> {
    heading("advice")?;
    if advice.is_empty() {
        return output::line(&format!("  {}", styled(output::GOOD, "nothing to change")));
    }
    for advice in advice {
        output::line(&format!("  {}", styled(output::WARNING, &advice.finding)))?;
        output::line(&format!("    effect  {}", advice.effect))?;
        output::line(&format!("    change  {}", advice.change))?;
    }
    Ok(())
}

pub(super) fn heading(text: &str) -> io::Result<()> {
    output::line(&styled(output::HEADING, text))
}

pub(super) fn row(name: &str, text: &str) -> io::Result<()> {
    output::line(&format!("  {name:<15} {text}"))
}

pub(super) fn has(there: bool) -> String {
    if there { styled(output::GOOD, "yes") } else { styled(output::WARNING, "no") }
}
