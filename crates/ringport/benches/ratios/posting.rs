//! Posting a receive: what it costs, and that no system call is made for it.
//!
//! ```text
//!   receive_from x N          dequeue (nothing there)       fill, drain
//!   timed: the post           timed: handed to the kernel   not timed
//! ```

use std::net::UdpSocket;

use ringport::queue::Polled;
use ringport::{BackendChoice, BufferMut, BufferPool, CompletionQueue, Completions, Limits, RequestQueue};

use crate::Failure;
use crate::filler::Source;
use crate::options::Options;
use crate::report::{Report, Row, Verdict};
use crate::rounds::timed;
use crate::statistics::Quartiles;
use crate::trap::makes_a_system_call;

/// Receives posted in one round.
const RECEIVES: usize = 512;

struct Posting {
    queue: CompletionQueue<Polled>,
    requests: RequestQueue,
    completions: Completions,
    source: Source,
    buffers: Vec<BufferMut>,
}

impl Posting {
    fn new(backend: BackendChoice) -> Result<Posting, Failure> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        let source = Source::new(socket.local_addr()?, 64)?;
        let queue = CompletionQueue::builder(2 * RECEIVES).backend(backend).polled()?;
        let limits = Limits { receives: 2 * RECEIVES as u32, receive_buffers: 1, sends: 0, send_buffers: 1 };
        let requests = RequestQueue::new(&ringport::UdpSocket::from(socket), &queue, &queue, limits, 0)?;
        let pool = BufferPool::builder().slices_per_region(RECEIVES + 1).regions(1..=1).build()?;
        // One is always posted, so that the kernel's receive request stays armed.
        requests.receive_from(pool.take()?, 0)?;
        let buffers = (0..RECEIVES).map(|_| pool.take()).collect::<Result<_, _>>()?;
        let completions = Completions::with_capacity(RECEIVES);
        let mut posting = Posting { queue, requests, completions, source, buffers };
        posting.queue.dequeue(&mut posting.completions);
        Ok(posting)
    }

    fn post(&mut self) -> Result<(), Failure> {
        for buffer in self.buffers.drain(..) {
            self.requests.receive_from(buffer, 1)?;
        }
        Ok(())
    }

    /// Gets the slices back, by having the receives filled.
    fn retrieve(&mut self) -> Result<(), Failure> {
        let mut sent = 0;
        while self.buffers.len() < RECEIVES {
            if sent < RECEIVES {
                // Few enough for any socket buffer.
                self.source.send(32)?;
                sent += 32;
            }
            self.queue.dequeue(&mut self.completions);
            self.buffers.extend(self.completions.drain().filter_map(|completion| completion.into_unique()));
        }
        Ok(())
    }
}

/// Measures both backends.
pub(crate) fn measure(options: &Options, report: &mut Report) -> Result<(), Failure> {
    let mut rows = Vec::new();
    let mut verdicts = Vec::new();
    for (name, backend) in [("io_uring", BackendChoice::Uring), ("epoll", BackendChoice::Epoll)] {
        if let Err(error) = ringport::backend::explain(backend) {
            report.note(format!("posting over {name} is not measured: {error}"));
            continue;
        }
        let mut posting = Posting::new(backend)?;
        let mut samples = [Vec::new(), Vec::new()];
        let mut calls = 0;
        for _ in 0..options.rounds {
            let before = posting.queue.system_calls();
            let (post, result) = timed(|| posting.post());
            result?;
            // Over epoll a dequeue asks the socket; there is nothing to hand over there.
            let publish = if backend == BackendChoice::Uring {
                timed(|| posting.queue.dequeue(&mut posting.completions)).0
            } else {
                std::time::Duration::ZERO
            };
            calls += posting.queue.system_calls() - before;
            posting.retrieve()?;
            for (samples, time) in samples.iter_mut().zip([post, post + publish]) {
                samples.push(time.as_nanos() as f64 / RECEIVES as f64);
            }
        }
        let [post, all] = samples.map(|samples| Quartiles::of(&samples));
        rows.push(row(format!("post over {name}"), post));
        if backend == BackendChoice::Uring {
            rows.push(row(format!("post over {name} and hand to the kernel"), all));
        }
        let mut result = Ok(());
        let caught = makes_a_system_call(|| {
            result = posting.post();
            if backend == BackendChoice::Uring {
                posting.queue.dequeue(&mut posting.completions);
            }
        });
        result?;
        let caught_in_words = match &caught {
            Ok(true) => "the kernel caught one".to_owned(),
            Ok(false) => "the kernel caught none".to_owned(),
            Err(error) => format!("the kernel cannot catch them: {error}"),
        };
        verdicts.push(Verdict {
            what: format!("system calls of {} posts over {name}", options.rounds * RECEIVES),
            measured: format!("{calls} counted by the queue, {caught_in_words}"),
            target: "0".to_owned(),
            meets: calls == 0 && !matches!(caught, Ok(true)),
        });
    }
    report.add(rows);
    verdicts.into_iter().for_each(|verdict| report.judge(verdict));
    Ok(())
}

fn row(candidate: String, figures: Quartiles) -> Row {
    Row {
        measurement: "posting a receive, with addresses".to_owned(),
        candidate,
        unit: "ns",
        figures,
        ratio: None,
    }
}
