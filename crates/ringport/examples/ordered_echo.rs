//! An echo server with eight threads that answers in the order it was asked, and counts without a lock:
//! `cargo run --release --example ordered_echo`, then `nc -u localhost 9003`.

use std::net::ToSocketAddrs;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use ringport::server::{Running, ServerError};
use ringport::{Datagram, Design, UdpServer};

/// Starts the server. Each answer begins with its number.
pub(crate) fn start(address: impl ToSocketAddrs + std::fmt::Debug) -> Result<Running, ServerError> {
    let answered = AtomicU64::new(0);
    let answer = move |datagram: Datagram<'_>| {
        // Ordered, the threads handle one after the other, and each sees what the one before it did: so a number is
        // read and written back as by one thread alone.
        let number = answered.load(Relaxed);
        answered.store(number + 1, Relaxed);
        let text = [&number.to_be_bytes(), datagram.payload()].concat();
        if let Err(error) = datagram.reply_with(&text) {
            eprintln!("{error}");
        }
    };
    let server = UdpServer::bind(address)?.design(Design::RegisteredPort).threads(8).ordered(true);
    server.stop_on_signals().start(answer)
}

fn main() -> Result<(), ServerError> {
    let server = start("[::]:9003")?;
    println!("listening on {}", server.local_addr());
    println!("{}", server.join()?);
    Ok(())
}
