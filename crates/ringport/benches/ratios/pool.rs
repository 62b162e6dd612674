//! The pool: taking and returning a slice, alone and with a second thread at it, and sharing a buffer.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ringport::BufferPool;

use crate::Failure;
use crate::affinity::{self, Cpus};
use crate::options::Options;
use crate::report::{Report, Row};
use crate::rounds::{interleave, timed};

/// Operations of one turn.
const WORK: usize = 20_000;

/// Runs `work` over and over on another processor, until dropped.
struct Rival {
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Rival {
    fn start(cpu: usize, work: impl Fn() + Send + 'static) -> Rival {
        let stop = Arc::new(AtomicBool::new(false));
        let (started, running) = (Arc::clone(&stop), Arc::new(AtomicBool::new(false)));
        let flag = Arc::clone(&running);
        let thread = std::thread::spawn(move || {
            // Without its own processor it is a rival all the same.
            let _ = affinity::pin(cpu);
            flag.store(true, Ordering::Release);
            while !started.load(Ordering::Relaxed) {
                work();
            }
        });
        while !running.load(Ordering::Acquire) {
            std::thread::yield_now();
        }
        Rival { stop, thread: Some(thread) }
    }
}

impl Drop for Rival {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(std::thread::JoinHandle::join);
    }
}

/// Measures with and without a second thread.
pub(crate) fn measure(options: &Options, cpus: Cpus, report: &mut Report) -> Result<(), Failure> {
    let pool = BufferPool::builder().slices_per_region(1024).regions(1..=1).build()?;
    let buffer = pool.take_with(b"shared")?.freeze();
    let counted = Arc::new([0u8; 64]);
    let candidates = [
        "take and drop a slice",
        "allocate and free 2 KiB",
        "clone and drop a Buffer",
        "clone and drop an Arc",
    ];
    for contended in [false, true] {
        if contended && cpus.here == cpus.other {
            report.note("only one processor: no second thread at the pool".to_owned());
            continue;
        }
        let figures = interleave(options.rounds, candidates.len(), WORK, |index| {
            let _rival = contended.then(|| rival(index, cpus, &pool, &buffer, &counted));
            let (time, ()) = timed(|| match index {
                0 => repeat(|| drop(black_box(pool.take()))),
                1 => repeat(|| drop(black_box(Vec::<u8>::with_capacity(2048)))),
                2 => repeat(|| drop(black_box(buffer.clone()))),
                _ => repeat(|| drop(black_box(Arc::clone(&counted)))),
            });
            Ok(time)
        })?;
        let threads = if contended { "two threads" } else { "one thread" };
        let median = |index: usize| figures.get(index).map_or(0.0, |figures| figures.median);
        let rows = candidates.iter().zip(&figures).enumerate().map(|(index, (candidate, figures))| Row {
            measurement: format!("the pool, {threads}"),
            candidate: (*candidate).to_owned(),
            unit: "ns",
            figures: *figures,
            ratio: match index {
                0 => Some((figures.median / median(1), "allocate".to_owned())),
                2 => Some((figures.median / median(3), "Arc".to_owned())),
                _ => None,
            },
        });
        report.add(rows.collect());
    }
    Ok(())
}

/// The same work as candidate `index`, on the other processor.
fn rival(
    index: usize,
    cpus: Cpus,
    pool: &BufferPool,
    buffer: &ringport::Buffer,
    counted: &Arc<[u8; 64]>,
) -> Rival {
    let (pool, buffer, counted) = (pool.clone(), buffer.clone(), Arc::clone(counted));
    match index {
        0 => Rival::start(cpus.other, move || drop(black_box(pool.take()))),
        1 => Rival::start(cpus.other, || drop(black_box(Vec::<u8>::with_capacity(2048)))),
        2 => Rival::start(cpus.other, move || drop(black_box(buffer.clone()))),
        _ => Rival::start(cpus.other, move || drop(black_box(Arc::clone(&counted)))),
    }
}

fn repeat(work: impl Fn()) {
    (0..WORK).for_each(|_| work());
}
