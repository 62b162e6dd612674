//! Memory over millions of datagrams: allocations, resident and locked bytes, before and after.

use std::net::UdpSocket;

use ringport::queue::Polled;
use ringport::{BackendChoice, BufferPool, CompletionQueue, Completions, Limits, RequestQueue};

use crate::Failure;
use crate::allocator::allocations;
use crate::filler::Source;
use crate::options::Options;
use crate::report::{Report, Verdict};

/// Datagrams of one fill, small enough for the default socket buffer.
const FILL: usize = 64;
const PAYLOAD: usize = 64;
/// What the kernel's own book-keeping may move the resident memory by.
const NOISE_KIB: u64 = 256;

/// One backend receiving; every slice comes from the pool and returns to it, as in a server.
struct Receiver {
    queue: CompletionQueue<Polled>,
    requests: RequestQueue,
    completions: Completions,
    pool: BufferPool,
}

impl Receiver {
    fn new(backend: BackendChoice, socket: UdpSocket) -> Result<Receiver, Failure> {
        let queue = CompletionQueue::builder(256).backend(backend).polled()?;
        let limits = Limits { receives: 256, receive_buffers: 1, sends: 0, send_buffers: 1 };
        let requests = RequestQueue::new(&ringport::UdpSocket::from(socket), &queue, &queue, limits, 0)?;
        let pool = BufferPool::builder().slices_per_region(512).regions(1..=4).build()?;
        for _ in 0..256 {
            requests.receive_from(pool.take()?, 0)?;
        }
        Ok(Receiver { queue, requests, completions: Completions::with_capacity(64), pool })
    }

    fn drain(&mut self, want: usize) -> Result<(), Failure> {
        let mut left = want;
        while left > 0 {
            left -= self.queue.dequeue(&mut self.completions).min(left);
            for completion in self.completions.drain() {
                std::hint::black_box((completion.peer(), completion.bytes()));
                // A fresh slice before the old one returns: the pool is used, not one slice again and again.
                self.requests.receive_from(self.pool.take()?, 0)?;
            }
        }
        Ok(())
    }
}

/// What the kernel says of this process, in KiB.
#[derive(Clone, Copy, Debug, Default)]
struct Status {
    resident: u64,
    locked: u64,
}

fn status() -> Status {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    };
    Status { resident: field("VmRSS:"), locked: field("VmLck:") }
}

/// Measures both backends.
pub(crate) fn measure(options: &Options, report: &mut Report) -> Result<(), Failure> {
    let datagrams: usize = if options.quick { 1_000_000 } else { 10_000_000 };
    println!("\nmemory over {datagrams} datagrams of {PAYLOAD} B");
    for (name, backend) in [("io_uring", BackendChoice::Uring), ("epoll", BackendChoice::Epoll)] {
        if let Err(error) = ringport::backend::explain(backend) {
            report.note(format!("memory over {name} is not measured: {error}"));
            continue;
        }
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        let source = Source::with_offload(socket.local_addr()?, PAYLOAD, FILL)?;
        let mut receiver = Receiver::new(backend, socket)?;
        let mut run = |fills: usize| -> Result<(), Failure> {
            for _ in 0..fills {
                source.send(1)?;
                receiver.drain(FILL)?;
            }
            Ok(())
        };
        run(1000)?;
        // Read once for nothing: reading allocates.
        status();
        let before = status();
        let allocated = allocations();
        run(datagrams / FILL)?;
        let allocated = allocations() - allocated;
        let after = status();
        report.note(format!(
            "over {name}: {allocated} allocations, resident {} -> {} KiB, locked {} -> {} KiB",
            before.resident, after.resident, before.locked, after.locked
        ));
        let over = format!("{datagrams} datagrams over {name}");
        report.judge(Verdict {
            what: format!("allocations, {over}"),
            measured: allocated.to_string(),
            target: "0".to_owned(),
            meets: allocated == 0,
        });
        report.judge(Verdict {
            what: format!("growth of resident and locked memory, {over}"),
            measured: format!(
                "{} and {} KiB",
                after.resident.saturating_sub(before.resident),
                after.locked.saturating_sub(before.locked)
            ),
            target: format!("at most {NOISE_KIB} and 0 KiB"),
            meets: after.resident <= before.resident + NOISE_KIB && after.locked <= before.locked,
        });
    }
    Ok(())
}
