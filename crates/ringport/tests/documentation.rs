//! What the documentation says about the tests is so.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;

/// The tests of a file: functions that are marked as such, and those that run on each backend.
fn tests_of(source: &str) -> Vec<&str> {
    let mut tests = Vec::new();
    let mut marked = false;
    for line in source.lines().map(str::trim) {
        if line == "#[test]" {
            marked = true;
        } else if let Some(rest) = line.strip_prefix("fn ") {
            tests.extend(rest.split('(').next().filter(|_| marked));
            marked = false;
        }
    }
    for list in source.split("on_each_backend!(").skip(1) {
        let list = list.split(");").next().unwrap();
        // What runs them may stand before them.
        let list = list.rsplit_once(": ").map_or(list, |(_, names)| names);
        tests.extend(list.split(',').map(str::trim).filter(|name| !name.is_empty()));
    }
    tests
}

#[test]
fn every_rule_of_a_port_names_tests_that_exist() {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(crate_folder.join("../../docs/completion-ports.md")).unwrap();
    let (_, table) = page.split_once("| the rule | held by |").unwrap();
    let rules = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let mut count = 0;
    for rule in rules {
        let held_by = rule.split('|').nth(2).unwrap();
        let (mut file, mut source, mut named) = (String::new(), String::new(), 0);
        // What stands between back ticks is a file, or a test of the file before it.
        for word in held_by.split('`').skip(1).step_by(2) {
            if word.starts_with("src/") {
                source = fs::read_to_string(crate_folder.join(word)).unwrap();
                assert!(source.contains("compile_fail"), "{word} shows nothing that does not compile");
            } else if word.ends_with(".rs") {
                file = word.to_owned();
                source = fs::read_to_string(crate_folder.join("tests").join(word))
                    .unwrap_or_else(|error| panic!("{word}: {error}: {rule}"));
            } else {
                assert!(tests_of(&source).contains(&word), "{file} has no test {word}: {rule}");
                named += 1;
            }
        }
        assert!(named > 0, "no test is named: {rule}");
        count += 1;
    }
    assert!(count > 30, "{count} rules");
}
