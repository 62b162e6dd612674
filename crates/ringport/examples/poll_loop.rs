//! A completion queue in somebody else's poll loop: its event is a descriptor like any other.
//!
//! `cargo run --release --example poll_loop`, then `nc -u localhost 9002`; a line on standard input ends it.
//!
//! Of Linux, as `poll` is. On Windows the event is a handle, which `WaitForMultipleObjects` waits for beside others.

#[cfg(target_os = "linux")]
use std::os::fd::AsFd;

#[cfg(target_os = "linux")]
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
#[cfg(target_os = "linux")]
use ringport::{BufferPool, CompletionQueue, Completions, Limits, RequestQueue, UdpSocket};

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let socket = UdpSocket::bind("[::]:9002")?;
    let pool = BufferPool::builder().slices_per_region(64).build()?;
    let mut queue = CompletionQueue::builder(64).event()?;
    let limits = Limits { receives: 64, receive_buffers: 1, sends: 0, send_buffers: 1 };
    let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
    for token in 0..64 {
        requests.receive_from(pool.take()?, token)?;
    }
    let mut completions = Completions::with_capacity(64);

    queue.notify()?;
    loop {
        let input = std::io::stdin();
        let mut watched =
            [PollFd::new(input.as_fd(), PollFlags::POLLIN), PollFd::new(queue.event()?, PollFlags::POLLIN)];
        poll(&mut watched, PollTimeout::NONE)?;
        if watched[0].any() == Some(true) {
            return Ok(());
        }
        if !queue.take_notification() {
            continue;
        }
        while queue.dequeue(&mut completions) > 0 {
            for completion in completions.drain() {
                println!("{} bytes from {:?}", completion.bytes(), completion.peer());
                let token = completion.token();
                if let Some(buffer) = completion.into_unique() {
                    requests.receive_from(buffer, token)?;
                }
            }
        }
        queue.notify()?;
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("this example is of Linux, as poll is");
}
