//! The page as it is: what it says of the backends of another system.

use std::collections::HashMap;

/// See the module.
pub(super) struct Committed<'a> {
    /// By the name of the row and the title of the column.
    words: HashMap<(&'a str, &'a str), &'a str>,
}

impl<'a> Committed<'a> {
    pub(super) fn new(page: &'a str) -> Committed<'a> {
        let mut words = HashMap::new();
        let mut titles: Vec<&str> = Vec::new();
        for line in page.lines().filter(|line| line.starts_with("| ")) {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            match cells.get(1).and_then(|first| first.strip_prefix('`')?.strip_suffix('`')) {
                Some(id) => {
                    words.extend(titles.iter().zip(&cells).map(|(title, cell)| ((id, *title), *cell)))
                }
                // The head of a table.
                None if cells.contains(&"row") => titles = cells,
                None => {}
            }
        }
        Committed { words }
    }

    /// What it says of a row in the column of this title.
    pub(super) fn word(&self, id: &str, title: &str) -> Option<&'a str> {
        self.words.get(&(id, title)).copied()
    }
}
