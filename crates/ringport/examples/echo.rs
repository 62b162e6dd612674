//! The ten-line server: every datagram goes back to who sent it.
//!
//! `cargo run --release --example echo`, then `nc -u localhost 9000`.

use ringport::UdpServer;

fn main() -> Result<(), ringport::server::ServerError> {
    let server = UdpServer::bind("[::]:9000")?.stop_on_signals();
    println!("listening on {}", server.local_addr());
    let report = server.run(|datagram| datagram.reply())?; // the slice it came in goes back, no copy
    println!("{} datagrams handled", report.counters.total.datagrams);
    Ok(())
}
