//! One run of `redis-benchmark` against one server.

use ringport_stand::Failure;
use ringport_stand::process::cpu_of;
use serde::Serialize;

use super::program::{Application, command};

/// Commands that are not answered yet, a connection, and connections.
pub(super) const PIPELINE: u32 = 16;
pub(super) const CONNECTIONS: u32 = 50;

/// What one round says of a server under one kind of command.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Sample {
    pub(super) server: &'static str,
    /// As redis-benchmark calls it.
    pub(super) command: String,
    pub(super) round: u32,
    pub(super) rate_per_s: f64,
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
    /// Processor time of the server, of all kinds together.
    pub(super) cpu_ns_per_request: f64,
}

/// Starts the server and runs all kinds, `requests` of each.
pub(super) fn measure(
    application: &Application,
    requests: u32,
    round: u32,
    processors: Option<(usize, usize)>,
) -> Result<Vec<Sample>, Failure> {
    let (load_on, server_on) = processors.unzip();
    let server = application.start(server_on)?;
    let used = cpu_of(server.pid())?;
    let mut benchmark = command("redis-benchmark", load_on)?;
    benchmark.args(["-h", "127.0.0.1", "-p", &server.port.to_string(), "-t", "ping,set,get", "--csv"]);
    benchmark.args([
        "-P",
        &PIPELINE.to_string(),
        "-c",
        &CONNECTIONS.to_string(),
        "-n",
        &requests.to_string(),
    ]);
    let output = benchmark.output()?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(format!("redis-benchmark against {}: {}", application.name(), words.trim()).into());
    }
    let used = cpu_of(server.pid())? - used;
    let rows = rows(&String::from_utf8_lossy(&output.stdout))?;
    let all = rows.len() as f64 * f64::from(requests);
    let sample = |Row { command, rate_per_s, p50_ms, p99_ms }| Sample {
        server: application.name(),
        command,
        round,
        rate_per_s,
        p50_us: p50_ms * 1e3,
        p99_us: p99_ms * 1e3,
        cpu_ns_per_request: used as f64 / all,
    };
    Ok(rows.into_iter().map(sample).collect())
}

/// A line of the table.
#[derive(Debug, PartialEq)]
struct Row {
    command: String,
    rate_per_s: f64,
    p50_ms: f64,
    p99_ms: f64,
}

/// Reads the table, whose first line names its columns.
fn rows(table: &str) -> Result<Vec<Row>, Failure> {
    let fields =
        |line: &str| line.split(',').map(|field| field.trim_matches('"').to_owned()).collect::<Vec<_>>();
    let mut lines = table.lines().filter(|line| line.starts_with('"')).map(fields);
    let columns = lines.next().ok_or("redis-benchmark printed no table")?;
    let row = |fields: Vec<String>| {
        let field = |name: &str| {
            let column = columns.iter().position(|column| column == name);
            column.and_then(|column| fields.get(column)).ok_or(format!("redis-benchmark tells no {name}"))
        };
        let number = |name: &str| Ok::<f64, Failure>(field(name)?.parse()?);
        Ok(Row {
            command: field("test")?.clone(),
            rate_per_s: number("rps")?,
            p50_ms: number("p50_latency_ms")?,
            p99_ms: number("p99_latency_ms")?,
        })
    };
    lines.map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_by_its_columns() {
        let table = "\"test\",\"rps\",\"avg_latency_ms\",\"p50_latency_ms\",\"p99_latency_ms\"\n\
                     \"SET\",\"1000.50\",\"0.3\",\"0.2\",\"0.9\"\n";
        let expected = Row { command: "SET".into(), rate_per_s: 1000.5, p50_ms: 0.2, p99_ms: 0.9 };
        assert_eq!(rows(table).unwrap(), [expected]);
        assert!(rows("").is_err() && rows("\"test\",\"rps\"\n\"SET\",\"1\"\n").is_err());
    }
}
