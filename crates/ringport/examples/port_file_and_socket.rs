//! A port that serves a file and a socket at once, and tells their packets apart by their keys.
//!
//! A datagram with an offset asks for sixteen bytes of the file from there; they come back as a datagram. One thread
//! does all of it and waits in one place: `cargo run --release --example port_file_and_socket`.

use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::net::SocketAddr;

use ringport::port::{Done, OperationFailure, OperationKind, PortFile, PortUdpSocket};
use ringport::{CompletionPort, Packet, UdpSocket};

/// The keys: one for each source of packets.
const FILE: u64 = 1;
const SOCKET: u64 = 2;
const EXIT: u64 = 3;

const PIECE: usize = 16;

struct Server {
    file: PortFile,
    socket: PortUdpSocket,
    /// Who asked, by the context of the read.
    asked: HashMap<u64, SocketAddr>,
    next: u64,
}

impl Server {
    /// Until somebody posts the exit key; returns how many pieces were read.
    fn run(&mut self, port: &CompletionPort) -> Result<u64, Box<dyn Error + Send + Sync>> {
        self.socket.receive_from(Vec::with_capacity(64), 0)?;
        loop {
            match port.wait(None)? {
                Packet::Operation(done) if done.key() == FILE => self.piece_was_read(done)?,
                Packet::Operation(done) if done.key() == SOCKET => self.socket_did(done)?,
                Packet::Posted { key: EXIT, .. } => return Ok(self.next),
                other => eprintln!("not ours: {other:?}"),
            }
        }
    }

    /// A datagram came, or one left.
    fn socket_did(&mut self, done: Done) -> Result<(), Box<dyn Error + Send + Sync>> {
        if done.kind() == OperationKind::Send {
            return Ok(());
        }
        let offset = std::str::from_utf8(done.received()).ok().and_then(|text| text.trim().parse().ok());
        if let (Some(offset), Some(peer)) = (offset, done.peer()) {
            self.asked.insert(self.next, peer);
            self.file.read_at(Vec::with_capacity(PIECE), offset, self.next)?;
            self.next += 1;
        }
        self.socket.receive_from(done.into_vec().unwrap_or_default(), 0)?;
        Ok(())
    }

    /// A piece of the file is there, or will never be.
    fn piece_was_read(&mut self, done: Done) -> Result<(), Box<dyn Error + Send + Sync>> {
        let Some(peer) = self.asked.remove(&done.context()) else { return Ok(()) };
        let answer = match done.result() {
            Ok(_) => done.into_vec().unwrap_or_default(),
            Err(OperationFailure::EndOfFile) => b"beyond the end".to_vec(),
            Err(failure) => failure.to_string().into_bytes(),
        };
        self.socket.send_to(answer, peer, 0)?;
        Ok(())
    }
}

/// Serves the library's first lines to a client of its own, and returns what the client got.
pub(crate) fn run() -> Result<Vec<String>, Box<dyn Error>> {
    let port = CompletionPort::new(1)?;
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    let address = socket.local_addr()?;
    let mut server = Server {
        file: port.associate_file(File::open(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs"))?, FILE)?,
        socket: port.associate_udp(&socket, SOCKET)?,
        asked: HashMap::new(),
        next: 0,
    };
    let theirs = port.clone();
    let serving = std::thread::spawn(move || server.run(&theirs));

    let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
    let mut answers = Vec::new();
    for offset in ["0", "4", "1000000000"] {
        client.send_to(offset.as_bytes(), address)?;
        let mut bytes = [0; 64];
        let length = client.recv(&mut bytes)?;
        answers.push(String::from_utf8_lossy(bytes.get(..length).unwrap_or_default()).into_owned());
    }
    port.post(EXIT, 0)?;
    match serving.join() {
        Ok(pieces) => println!("{} pieces were read", pieces.map_err(|error| error.to_string())?),
        Err(_) => return Err("the server's thread ended early".into()),
    }
    Ok(answers)
}

fn main() -> Result<(), Box<dyn Error>> {
    for answer in run()? {
        println!("{answer:?}");
    }
    Ok(())
}
