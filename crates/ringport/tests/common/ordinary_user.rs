//! A test run again as an ordinary user, after a line of shell: limits and privileges do not bind the superuser.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::Command;

const NOBODY: u32 = 65_534;

/// Runs the test of this name again, as an ordinary user after the shell did `before`, with the variable `mark`
/// set. It must pass; returns all it printed, or `None`, with the reason told, where that cannot be.
pub(crate) fn passes_as_ordinary_user(test: &str, before: &str, mark: &str) -> Option<String> {
    // A copy where every user may run it: the directory of the build may be private.
    let directory = std::env::temp_dir().join(format!("ringport-user-{}-{test}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = directory.join("test");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let script = format!(r#"{before} || exit 99; exec "$0" --exact "$1" --nocapture --test-threads=1"#);
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &script]).arg(&program).arg(test).env(mark, "1").current_dir("/");
    // It is about what the library does by itself; the tests force each backend by name.
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
