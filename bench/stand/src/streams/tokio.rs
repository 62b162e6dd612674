//! tokio as its documentation shows it: a task a connection, which reads and writes all.

use std::net::TcpListener;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Builder;

use super::ROOM;
use crate::Failure;

/// Serves.
pub fn run(listener: TcpListener) -> Result<(), Failure> {
    listener.set_nonblocking(true)?;
    Builder::new_current_thread().enable_io().build()?.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let (mut stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(async move {
                let mut room = vec![0; ROOM];
                loop {
                    let bytes = match stream.read(&mut room).await {
                        Ok(0) | Err(_) => return,
                        Ok(bytes) => bytes,
                    };
                    if stream.write_all(room.get(..bytes).unwrap_or_default()).await.is_err() {
                        return;
                    }
                }
            });
        }
    })
}
