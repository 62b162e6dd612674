//! The whole program, as short as can be: every pair of policies is measured.

use std::process::Command;

#[test]
fn every_pair_of_policies_is_measured() {
    let options = ["--millis", "5", "--rounds", "1", "--rates", "0,20000"];
    let output = Command::new(env!("CARGO_BIN_EXE_ringport-beside")).args(options).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let uring = ringport::backend::explain(ringport::BackendChoice::Uring).is_ok();
    let lines = |backend: &str| text.lines().filter(|line| line.starts_with(backend)).count();
    assert_eq!((lines("uring"), lines("epoll")), (if uring { 8 } else { 1 }, 8), "{text}");
    let measured = text.lines().filter(|line| line.starts_with("epoll") || line.starts_with("uring  "));
    for line in measured {
        let numbers: Vec<f64> = line.split_whitespace().skip(4).map(|word| word.parse().unwrap()).collect();
        assert!(numbers[0] > 0.0 && numbers[1] > 0.0 && numbers[2] >= numbers[1], "{line}");
    }
    let never = text.lines().filter(|line| line.contains("latency   latency"));
    assert!(never.clone().count() > 0 && never.into_iter().all(|line| line.ends_with(" 0")), "{text}");
}
