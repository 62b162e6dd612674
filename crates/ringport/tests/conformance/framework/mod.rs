//! What makes tests of the tables, runs them, and keeps the page.
//!
//! ```text
//!   registered_io::dequeue::order::uring            the row on a backend
//!   registered_io::posting::one_thread::by_type     the programs that do not compile are there
//!   broken::registered_io::dequeue::order           the suite while that rule is broken
//! ```

pub(crate) mod backends;
mod broken;
mod by_type;
mod committed;
mod page;
mod results;
pub(crate) mod row;
mod runner;
mod sources;
pub(crate) mod world;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use backends::{Backend, here, present};
use results::Results;
use row::{Named, Proof, Section};

/// Runs what the arguments ask for, as any test program does.
pub(crate) fn run(sections: &'static [&'static Section]) -> ExitCode {
    let arguments = Arguments::from_args();
    let rows: Arc<[Named]> = row::all(sections).into();
    runner::catch_panics();
    let results = Arc::new(Results::default());
    let conclusion = libtest_mimic::run(&arguments, trials(sections, &rows, &results));
    let tests = rows.iter().filter(|row| row.row.runs_here()).count();
    // A run of a part shows nothing about the page.
    if results.len() == tests * present().len()
        && !conclusion.has_failed()
        && let Err(error) = page::settle(sections, &results)
    {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    conclusion.exit_code()
}

fn trials(sections: &'static [&'static Section], rows: &Arc<[Named]>, results: &Arc<Results>) -> Vec<Trial> {
    let all = Arc::clone(rows);
    let check = move || sources::name_rows(sections, &all).map_err(Failed::from);
    let mut trials = vec![Trial::test("framework::faults_are_of_rows_that_exist", check)];
    for row in rows.iter() {
        match row.row.proof {
            Proof::Test { run, .. } if row.row.runs_here() => {
                trials.extend(here().map(|backend| on(backend, row, run, results)));
            }
            Proof::ByType { file, heading } => {
                let check = move || by_type::shown(file, heading).map_err(Failed::from);
                trials.push(Trial::test(format!("{}::by_type", row.id), check));
            }
            Proof::Test { .. } | Proof::Elsewhere(_) => {}
        }
    }
    for (index, row) in rows.iter().enumerate() {
        if row.row.runs_here() {
            let rows = Arc::clone(rows);
            let check = move || broken::breaks_exactly_one(&rows, index).map_err(Failed::from);
            trials.push(Trial::test(format!("broken::{}", row.id), check));
        }
    }
    trials
}

fn on(backend: &'static Backend, row: &Named, test: fn(&world::World), results: &Arc<Results>) -> Trial {
    let (id, results) = (row.id.clone(), Arc::clone(results));
    Trial::ignorable_test(format!("{id}::{}", backend.name), move || {
        if let Some(reason) = backend.missing() {
            return Ok(Completion::ignored_with(reason));
        }
        let result = runner::run(test, backend, None, runner::PATIENCE);
        results.add(&id, backend, result.is_ok());
        result.map(|()| Completion::Completed).map_err(|failure| Failed::from(failure.to_string()))
    })
}
