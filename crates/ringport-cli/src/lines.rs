//! Lines from another process or another machine, read in a thread of their own so that waiting for one can end.

use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

/// A longer line is none of ours: whoever sends it is not listened to any more.
const LONGEST: u64 = 16 << 20;

/// Reads lines until `source` ends, which closes the channel.
pub(crate) fn of(source: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    if let Some(source) = source {
        // Without the thread the channel is closed, and the other side counts as gone.
        let _ = thread::Builder::new().name("lines".into()).spawn(move || forward(source, &sender));
    }
    receiver
}

fn forward(source: impl Read, sender: &Sender<String>) {
    let mut source = BufReader::new(source);
    loop {
        let mut line = String::new();
        match source.by_ref().take(LONGEST).read_line(&mut line) {
            Ok(read) if read > 0 && line.ends_with('\n') => {}
            // The last line of a process that died may lack its end, and is the one worth reading.
            Ok(read) if read > 0 && (read as u64) < LONGEST => {}
            _ => return,
        }
        line.truncate(line.trim_end_matches(['\n', '\r']).len());
        if sender.send(line).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_one_by_one_and_then_the_end() {
        let lines: Vec<String> = of(Some(&b"one\ntwo\r\n\nlast words"[..])).iter().collect();
        assert_eq!(lines, ["one", "two", "", "last words"]);
    }

    #[test]
    fn a_line_without_end_is_given_up() {
        let endless = std::io::repeat(b'x');
        assert_eq!(of(Some(endless)).iter().count(), 0);
    }
}
