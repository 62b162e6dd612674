//! The frame of a page: its head, its colours, and the figures as JSON at its end.

use std::fmt::Write;

use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("style.css");
/// Nothing is loaded and no script runs, whatever may stand in the names of a machine.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// A colour that stands for a kind of candidates. It never stands alone: names are printed.
#[derive(Clone, Copy, Debug)]
pub struct Tone {
    /// The class of what has it.
    pub class: &'static str,
    /// On white, as `#rrggbb`.
    pub light: &'static str,
    /// On black.
    pub dark: &'static str,
}

/// A whole file.
///
/// ```
/// use ringport_page::maud::html;
/// use ringport_page::{Page, Tone};
///
/// let tones = [Tone { class: "ours", light: "#0072b2", dark: "#56b4e9" }];
/// let body = html! { p.ours { "41 ns" } };
/// let page = Page { title: "Figures", tones: &tones, body, data: &serde_json::json!({ "cost": 41 }) };
/// assert!(page.render().starts_with("<!DOCTYPE html>"));
/// ```
#[derive(Debug)]
pub struct Page<'a> {
    /// In the title bar.
    pub title: &'a str,
    /// The colours that its charts use.
    pub tones: &'a [Tone],
    /// What is read.
    pub body: Markup,
    /// All figures, also those that are not drawn, for programs: in the element `script#data`.
    pub data: &'a serde_json::Value,
}

impl Page<'_> {
    /// The file.
    pub fn render(&self) -> String {
        // Nothing in the figures can end the element that they stand in.
        let data = self.data.to_string().replace('<', "\\u003c");
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    title { (self.title) }
                    style { (PreEscaped(STYLE)) (PreEscaped(colours(self.tones))) }
                }
                body {
                    main { (self.body) }
                    script type="application/json" id="data" { (PreEscaped(data)) }
                }
            }
        };
        page.into_string()
    }
}

/// The rules for the tones. Paper is light, whatever the screen is.
fn colours(tones: &[Tone]) -> String {
    let mut rules = String::new();
    let mut add = |dark: bool, before: &str, after: &str| {
        rules.push_str(before);
        for tone in tones {
            let colour = if dark { tone.dark } else { tone.light };
            // A string takes all that is written.
            let _ = write!(rules, ".{} {{ --family: {colour}; }} ", tone.class);
        }
        rules.push_str(after);
    };
    add(false, "", "\n");
    add(true, "@media screen and (prefers-color-scheme: dark) { ", "}\n");
    rules
}

/// A part of a page, with a note under its heading unless that is empty.
pub fn section(title: &str, note: &str, body: Markup) -> Markup {
    html! {
        section {
            h2 { (title) }
            @if !note.is_empty() { p.note { (note) } }
            (body)
        }
    }
}

/// What colours mean: the class of each, and the words for it.
pub fn legend<'a>(entries: impl IntoIterator<Item = (&'a str, &'a str)>) -> Markup {
    html! {
        ul.legend aria-label="Colours" {
            @for (class, words) in entries { li { span.swatch.(class) {} (words) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_cannot_end_their_element_and_every_tone_has_both_colours() {
        let tones = [Tone { class: "ours", light: "#111111", dark: "#eeeeee" }];
        let data = serde_json::json!({ "name": "</script><b>" });
        let page = Page { title: "a < b", tones: &tones, body: html! {}, data: &data }.render();
        assert_eq!(page.matches("</script").count(), 1);
        assert!(page.contains("a &lt; b") && page.contains("\\u003c/script>"));
        assert!(
            page.contains(".ours { --family: #111111; }") && page.contains(".ours { --family: #eeeeee; }")
        );
    }
}
