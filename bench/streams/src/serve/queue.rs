//! The library: connections on one event queue, as its documentation shows it.
//!
//! Every receive takes its slice when there are bytes, and the slice is sent back as it is: an idle connection holds
//! none. Sends notify: their completions have the slices that receives may be waiting for.

use std::net::TcpListener;

use ringport::{
    BufferPool, Completion, CompletionQueue, Completions, Limits, Operation, Receive, RequestQueue,
    StreamListener, StreamSocket,
};
use ringport_stand::Failure;

use super::Server;

/// Completions taken at a time: so few that what was received is sent back while it is in a cache.
const MAX_RESULTS: usize = 16;
/// Accepts outstanding, and what the listener's completions are known by.
const ACCEPTS: u32 = 16;
const DOOR: u64 = u64::MAX;
/// Of a connection: one answer may be on its way while the next message comes.
const LIMITS: Limits = Limits { receives: 1, receive_buffers: 1, sends: 2, send_buffers: 1 };

/// The connections, by what their completions are known by.
struct Echo {
    queue: CompletionQueue<ringport::queue::Event>,
    pool: BufferPool,
    connections: Vec<Option<RequestQueue<StreamSocket>>>,
    free: Vec<usize>,
}

pub(crate) fn run(listener: TcpListener, server: &Server) -> Result<(), Failure> {
    let per_connection = (LIMITS.receives + LIMITS.sends) as usize;
    let size = ACCEPTS as usize + server.connections * per_connection;
    let queue = CompletionQueue::builder(size).backend(server.backend()).event()?;
    let pool = BufferPool::builder().slice_size(server.slice).slices_per_region(server.slices.into());
    let pool = pool.regions(1..=1).build()?;
    let listener = StreamListener::from(listener);
    let limits = Limits { receives: ACCEPTS, receive_buffers: 1, sends: 0, send_buffers: 1 };
    let door = RequestQueue::new(&listener, &queue, &queue, limits, DOOR)?;
    for token in 0..u64::from(ACCEPTS) {
        door.accept(token)?;
    }
    let mut echo = Echo { queue, pool, connections: Vec::new(), free: Vec::new() };
    let mut completions = Completions::with_capacity(MAX_RESULTS);
    loop {
        echo.queue.notify()?;
        echo.queue.wait(None)?;
        echo.queue.dequeue(&mut completions);
        for completion in completions.drain() {
            match completion.operation() {
                Operation::Accept => {
                    door.accept(completion.token())?;
                    echo.accepted(completion)?;
                }
                Operation::Receive => echo.received(completion)?,
                // Its slice goes back to the pool with it.
                _ => {}
            }
        }
    }
}

impl Echo {
    fn accepted(&mut self, completion: Completion) -> Result<(), Failure> {
        let Some(socket) = completion.into_stream() else { return Ok(()) };
        socket.set_no_delay(true)?;
        let place = self.free.pop().unwrap_or(self.connections.len());
        let requests = RequestQueue::new(&socket, &self.queue, &self.queue, LIMITS, place as u64)?;
        requests.receive_pooled(&self.pool, Receive::new(), 0)?;
        match self.connections.get_mut(place) {
            Some(free) => *free = Some(requests),
            None => self.connections.push(Some(requests)),
        }
        Ok(())
    }

    #[inline]
    fn received(&mut self, completion: Completion) -> Result<(), Failure> {
        let place = completion.socket_context() as usize;
        let Some(Some(requests)) = self.connections.get(place) else { return Ok(()) };
        if completion.bytes() == 0 {
            // The peer has sent its last, or is gone.
            self.connections.get_mut(place).map(Option::take);
            self.free.push(place);
        } else if let Some(buffer) = completion.into_unique() {
            requests.send(buffer, 0)?;
            requests.receive_pooled(&self.pool, Receive::new(), 0)?;
        }
        Ok(())
    }
}
