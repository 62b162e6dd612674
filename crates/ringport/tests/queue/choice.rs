//! The choice of a backend: by the program, by the environment, by what the machine allows.

use ringport::backend::{BackendError, explain};
use ringport::queue::QueueError;
use ringport::{BackendChoice, BackendKind, CompletionQueue};

use crate::backends;
use crate::common::child::{Child, inside};
use crate::common::on_each_backend;
use crate::common::rig::builder;

on_each_backend!(a_forced_backend_runs);

fn a_forced_backend_runs(choice: BackendChoice) {
    let queue = builder(choice, 16).event().unwrap();
    assert_eq!(BackendChoice::from(queue.backend()), choice);
    let told = explain(choice).unwrap();
    assert_eq!((told.kind, told.reason.as_str()), (queue.backend(), "asked for by the program"));
}

/// Makes a queue with the choice left open, or with none of it.
pub(crate) fn automatic() -> Result<BackendKind, QueueError> {
    CompletionQueue::builder(16).polled().map(|queue| queue.backend())
}

#[test]
fn the_environment_decides_where_the_program_does_not() {
    let mut present = backends::present();
    if !inside() {
        let test = "choice::the_environment_decides_where_the_program_does_not";
        for word in ["automatic", ""] {
            Child::new(test, Some(word)).run();
        }
        present.for_each(|choice| drop(Child::new(test, Some(&choice.to_string())).run()));
        return;
    }
    let word = std::env::var("RINGPORT_BACKEND").unwrap();
    match word.parse::<BackendKind>() {
        Ok(kind) => {
            assert_eq!(automatic().unwrap(), kind);
            let told = explain(BackendChoice::Automatic).unwrap().to_string();
            assert_eq!(told, format!("{word}: forced by RINGPORT_BACKEND"));
        }
        // The best of those that there are, which is listed first, on Windows last.
        Err(_) => {
            let best = if cfg!(windows) { present.last() } else { present.next() };
            assert_eq!(best, Some(automatic().unwrap().into()));
        }
    }
    // What the program says counts.
    for choice in backends::present() {
        assert_eq!(BackendChoice::from(builder(choice, 1).polled().unwrap().backend()), choice);
    }
}

#[test]
fn a_wrong_word_in_the_environment_is_an_error() {
    if !inside() {
        for word in ["kqueue", "EPOLL", "rio "] {
            Child::new("choice::a_wrong_word_in_the_environment_is_an_error", Some(word)).run();
        }
        return;
    }
    let error = automatic().unwrap_err();
    assert!(matches!(error, QueueError::Backend(BackendError::Variable(_))), "{error:?}");
    let word = std::env::var("RINGPORT_BACKEND").unwrap();
    let expected =
        format!("RINGPORT_BACKEND: {word:?} is no backend: write uring, epoll, rio, overlapped or automatic");
    assert_eq!(error.to_string(), expected);
    backends::present().for_each(|choice| drop(builder(choice, 1).polled().unwrap()));
}
