//! Writing to the terminal or to a pipe.
//!
//! Figures go to standard output, everything about the run goes to standard error, so that `--json > file` stays
//! clean. Colours are dropped by the streams themselves when the other side is no terminal or NO_COLOR is set.

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
pub(crate) use ringport_page::numbers::{grouped, whole};
use serde::Serialize;

/// Headings of tables and reports.
pub(crate) const HEADING: Style = Style::new().bold();
/// Good news.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// News a reader should not overlook.
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default();
/// Bad news.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();

/// `text` in `style`.
pub(crate) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// A line of the result.
pub(crate) fn line(text: &str) -> io::Result<()> {
    writeln!(anstream::stdout().lock(), "{text}")
}

/// A machine-readable result: one JSON document.
pub(crate) fn json(value: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    writeln!(io::stdout().lock(), "{text}")
}

/// A machine-readable line, for another process that reads line by line.
pub(crate) fn json_line(value: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string(value)?;
    let mut output = io::stdout().lock();
    writeln!(output, "{text}")?;
    output.flush()
}

/// A line about the run, not part of its result. Nobody listening is no reason to stop.
pub(crate) fn note(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// A line about something that went otherwise than asked, while the run goes on.
pub(crate) fn warning(text: &str) {
    note(&format!("{} {text}", styled(WARNING, "note:")));
}

/// The line that says why the run ends.
pub(crate) fn error(text: &str) {
    note(&format!("{} {text}", styled(BAD.bold(), "error:")));
}

/// The live line: on a terminal it is overwritten by the next, elsewhere nothing is printed for it.
pub(crate) struct Progress {
    live: bool,
    drawn: bool,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Progress { live: io::stderr().is_terminal(), drawn: false }
    }

    /// Replaces the live line.
    pub(crate) fn show(&mut self, text: &str) {
        if self.live {
            let _ = write!(anstream::stderr().lock(), "\r\x1b[2K{text}");
            let _ = io::stderr().flush();
            self.drawn = true;
        }
    }

    /// Takes the live line away, for a lasting line to be printed in its place.
    pub(crate) fn clear(&mut self) {
        if self.drawn {
            let _ = write!(anstream::stderr().lock(), "\r\x1b[2K");
            let _ = io::stderr().flush();
            self.drawn = false;
        }
    }
}

/// `1 flow`, `2 flows`.
pub(crate) fn counted(number: u64, thing: &str) -> String {
    format!("{} {thing}{}", grouped(number), if number == 1 { "" } else { "s" })
}
