//! Programs that are not this one: started on a processor of their own, and gone when the driver is.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clap::Args;
use nix::sys::signal::Signal;
use ringport_stand::Failure;
use ringport_stand::process::pin;

use super::RedisOptions;

/// A server that is not there after so long does not come.
const START: Duration = Duration::from_secs(10);
const GLANCE: Duration = Duration::from_millis(5);

/// Another program, and where it runs.
#[derive(Debug, Args)]
pub(crate) struct Other {
    /// The processor to run on
    #[arg(long)]
    processor: Option<usize>,
    /// The program and what it is told
    #[arg(required = true, last = true)]
    command: Vec<OsString>,
}

/// Becomes the program. It is ended when its parent ends, however that comes.
pub(crate) fn become_it(other: &Other) -> Result<(), Failure> {
    pin(other.processor)?;
    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
    let (program, words) = other.command.split_first().ok_or("there is no program to become")?;
    Err(format!("{}: {}", program.display(), Command::new(program).args(words).exec()).into())
}

/// A command of `program` that keeps to `processor`.
pub(super) fn command(program: impl Into<OsString>, processor: Option<usize>) -> Result<Command, Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("become");
    if let Some(processor) = processor {
        command.args(["--processor", &processor.to_string()]);
    }
    command.arg("--").arg(program.into());
    Ok(command)
}

/// Why `program` cannot be started, if so.
pub(super) fn missing(program: &str) -> Option<String> {
    let tried = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    tried
        .err()
        .map(|error| format!("{program} cannot be started ({error}); it is in Debian's redis packages"))
}

/// A server that speaks the protocol.
#[derive(Debug)]
pub(super) enum Application {
    Redis,
    KeyValue(PathBuf),
}

impl Application {
    /// The example, where it was said to be or where cargo builds it.
    pub(super) fn key_value(options: &RedisOptions) -> Application {
        let built = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/release/key-value");
        Application::KeyValue(options.key_value.clone().unwrap_or_else(|| built.into()))
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Application::Redis => "redis-server",
            Application::KeyValue(_) => "ringport key-value",
        }
    }

    /// Why it cannot run here, if so.
    pub(super) fn obstacle(&self) -> Option<String> {
        let reason = match self {
            Application::Redis => missing("redis-server")?,
            Application::KeyValue(path) if path.exists() => return None,
            Application::KeyValue(_) => {
                "build it with `cargo build --release -p key-value`, or say --key-value PROGRAM".to_owned()
            }
        };
        Some(format!("{} was not measured: {reason}", self.name()))
    }

    /// Starts it with nothing saved; it answers when this returns.
    pub(super) fn start(&self, processor: Option<usize>) -> Result<Running, Failure> {
        // Neither program chooses a port by itself. Whoever takes this one meanwhile shows as a failed start.
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut command = match self {
            Application::Redis => {
                let mut command = command("redis-server", processor)?;
                command.args(["--bind", "127.0.0.1", "--port", &port.to_string()]);
                command.args(["--save", "", "--appendonly", "no", "--io-threads", "1"]);
                command
            }
            Application::KeyValue(path) => {
                let mut command = command(path, processor)?;
                command.arg(format!("127.0.0.1:{port}"));
                command
            }
        };
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut running = Running { child, port };
        let end = Instant::now() + START;
        while !running.answers() {
            if let Some(status) = running.child.try_wait()? {
                return Err(format!("{} ended at once: {status}", self.name()).into());
            }
            if Instant::now() > end {
                return Err(format!("{} does not answer", self.name()).into());
            }
            std::thread::sleep(GLANCE);
        }
        Ok(running)
    }
}

/// A server. Dropping it stops it.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    pub(super) port: u16,
}

impl Running {
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    fn answers(&self) -> bool {
        let ping = || {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
            stream.set_read_timeout(Some(START))?;
            stream.write_all(b"*1\r\n$4\r\nPING\r\n")?;
            let mut line = String::new();
            BufReader::new(stream).read_line(&mut line)?;
            Ok::<_, std::io::Error>(line)
        };
        ping().is_ok_and(|line| line.starts_with("+PONG"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
