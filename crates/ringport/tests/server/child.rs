//! A test that needs another process: this program again, running one test only.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

const MARK: &str = "RINGPORT_TEST_CHILD";
const NOBODY: u32 = 65_534;

/// Whether this process is such a child.
pub(crate) fn is_child() -> bool {
    std::env::var_os(MARK).is_some()
}

/// This program, to run the test of this name, with all it prints.
pub(crate) fn rerun(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(MARK, "1");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it to its end; its test must pass.
pub(crate) fn passes(command: &mut Command) {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "the child failed:\n{text}");
}

/// Runs the test as an ordinary user, after a line of shell. It must pass; returns all it printed, or `None`,
/// with the reason told, where that cannot be.
pub(crate) fn passes_as_nobody(test: &str, before: &str) -> Option<String> {
    // A copy where every user may run it: the directory of the build may be private.
    let directory = std::env::temp_dir().join(format!("ringport-server-{}-{before}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = directory.join("test");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let script = format!(r#"{before} || exit 99; exec "$0" --exact "$1" --nocapture --test-threads=1"#);
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &script]).arg(&program).arg(test).env(MARK, "1").current_dir("/");
    // It is about what a server does by itself; the tests force each backend by name.
    command.env_remove("RINGPORT_BACKEND");
    if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
        command.gid(NOBODY).uid(NOBODY);
    }
    let output = command.output();
    std::fs::remove_dir_all(&directory).unwrap();
    let output = match output {
        Ok(output) if !matches!(output.status.code(), Some(99 | 126 | 127)) => output,
        other => {
            eprintln!("skipped: it cannot be run as an ordinary user after `{before}`: {other:?}");
            return None;
        }
    };
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && text.contains("1 passed"), "the child failed:\n{text}");
    Some(text)
}
