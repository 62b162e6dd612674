//! One thread of a server, from its start to its end.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::board::Notes;
use super::datagram::Datagram;
use super::design::ground::Ground;
use super::design::on_port::station::{Rule, Station};
use super::design::waiting::{Sleep, SleepWhenEmpty, Spin, Waiting};
use super::design::{Design, blocking, plain, registered};
use super::error::ServerError;
use super::gate::Arrival;
use super::memory::Memory;
use super::options::Options;
use super::outlet::Site;
use super::sockets::Bound;
use crate::backend::sys::thread::set_affinity;
use crate::notice;

/// The most packets of a wait, in the batched plain design.
const MOST_PACKETS: usize = 1000;

/// What a thread is given.
pub(super) struct Post<'server> {
    pub(super) options: &'server Options,
    pub(super) site: Site,
    /// Those that it serves by itself.
    pub(super) sockets: &'server [Bound],
    pub(super) ground: Ground,
    pub(super) notes: &'server Notes,
}

impl Post<'_> {
    /// Sets up, waits at the gate until all threads are ready, serves, and cleans up.
    pub(super) fn run<H: FnMut(Datagram<'_>)>(
        self,
        make: &impl Fn(usize) -> H,
        gate: Arrival<'_>,
    ) -> Result<(), ServerError> {
        let notes = self.notes;
        let options = self.options;
        let result = match options.design {
            Design::Blocking | Design::ShardedBlocking => self.run_blocking(make, gate),
            Design::Polled | Design::ShardedPolled => self.run_registered::<Spin, H>(make, gate),
            Design::Event | Design::ShardedEvent => self.run_registered::<Sleep, H>(make, gate),
            Design::EventPolled | Design::ShardedEventPolled => {
                self.run_registered::<SleepWhenEmpty, H>(make, gate)
            }
            Design::Port1 | Design::Port => self.run_plain(1, make, gate),
            Design::PortBatched => self.run_plain(options.max_results().min(MOST_PACKETS), make, gate),
            Design::RegisteredPort1 | Design::RegisteredPort | Design::ReaderThread => {
                self.run_on_port(1, make, gate)
            }
            Design::Hybrid | Design::HybridReaderThread => self.run_on_port(options.threshold(), make, gate),
        };
        notes.end();
        result
    }

    fn run_registered<W: Waiting, H: FnMut(Datagram<'_>)>(
        self,
        make: &impl Fn(usize) -> H,
        gate: Arrival<'_>,
    ) -> Result<(), ServerError> {
        let thread = self.site.thread;
        let memory = self.prepare()?;
        let station =
            registered::Station::<W>::open(self.options, self.site, self.sockets, memory, self.notes)?;
        work(
            thread,
            make,
            gate,
            station,
            |station, handler| station.serve(handler),
            registered::Station::close,
        )
    }

    fn run_on_port<H: FnMut(Datagram<'_>)>(
        self,
        threshold: usize,
        make: &impl Fn(usize) -> H,
        gate: Arrival<'_>,
    ) -> Result<(), ServerError> {
        let thread = self.site.thread;
        let Ground::Queues(hub) = &self.ground else { return Err(ServerError::Ended) };
        self.pin()?;
        // The memory is that of all threads, and shown with the first.
        self.begin(&hub.memory, thread == 0);
        let rule = Rule { threshold, ordered: self.options.ordered };
        let station = Station::new(hub, rule, self.options.max_results(), &self.site, self.notes);
        work(thread, make, gate, station, |station, handler| station.serve(handler), Station::close)
    }

    fn run_plain<H: FnMut(Datagram<'_>)>(
        self,
        most: usize,
        make: &impl Fn(usize) -> H,
        gate: Arrival<'_>,
    ) -> Result<(), ServerError> {
        let thread = self.site.thread;
        let Ground::Sockets(hub) = &self.ground else { return Err(ServerError::Ended) };
        self.pin()?;
        self.begin(&hub.memory, thread == 0);
        let station = plain::station::Station::new(hub, most, &self.site, self.notes);
        work(
            thread,
            make,
            gate,
            station,
            |station, handler| station.serve(handler),
            plain::station::Station::close,
        )
    }

    fn run_blocking<H: FnMut(Datagram<'_>)>(
        self,
        make: &impl Fn(usize) -> H,
        gate: Arrival<'_>,
    ) -> Result<(), ServerError> {
        let thread = self.site.thread;
        let memory = self.prepare()?;
        let socket = &self.sockets.first().ok_or(ServerError::Ended)?.socket;
        let desk = blocking::Desk::open(self.site, socket, memory, self.notes);
        work(thread, make, gate, desk, |desk, handler| desk.serve(handler), drop)
    }

    /// Pins the thread, and gets memory of its own.
    fn prepare(&self) -> Result<Memory, ServerError> {
        self.pin()?;
        let memory =
            Memory::open(self.options, self.options.pending() * self.sockets.len(), self.site.thread)?;
        self.begin(&memory, true);
        Ok(memory)
    }

    fn pin(&self) -> Result<(), ServerError> {
        let thread = self.site.thread;
        let processors = &self.options.processors;
        if let Some(&processor) = processors.get(thread % processors.len().max(1)) {
            set_affinity(&[processor]).map_err(|source| ServerError::Pin { thread, processor, source })?;
        }
        Ok(())
    }

    /// Begins the notes of the thread, and says so if its memory could not be locked.
    fn begin(&self, memory: &Memory, shows_memory: bool) {
        self.notes.begin(shows_memory.then_some(memory));
        if let Some(refusal) = memory.lock_notice()
            && self.site.shared.first_to_tell_of_lock()
        {
            notice::say(&format!("running with memory that is not locked: {refusal}"));
        }
    }
}

/// What every thread does at its place, whatever the design: make its handler, wait for the others, serve, and
/// close the place, also after a panic of the handler.
fn work<P, H: FnMut(Datagram<'_>)>(
    thread: usize,
    make: &impl Fn(usize) -> H,
    gate: Arrival<'_>,
    mut place: P,
    serve: impl FnOnce(&mut P, &mut dyn FnMut(Datagram<'_>)) -> Result<(), ServerError>,
    close: impl FnOnce(P),
) -> Result<(), ServerError> {
    let mut handler = guarded(thread, || make(thread))?;
    if !gate.ready() {
        return Ok(());
    }
    let served = guarded(thread, || serve(&mut place, &mut handler));
    close(place);
    served?
}

/// Runs code of the user's and turns its panic into an error. What the code had borrowed is only dropped
/// afterwards, or was built to be used on.
pub(super) fn guarded<T>(thread: usize, code: impl FnOnce() -> T) -> Result<T, ServerError> {
    catch_unwind(AssertUnwindSafe(code))
        .map_err(|panic| ServerError::HandlerPanicked { thread, message: message_of(&*panic) })
}

/// What a panic said, where it said something.
fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "it panicked with something that is no text".to_owned())
}
