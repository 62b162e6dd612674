//! One socket that always has data keeps nobody waiting: the request of a quiet one comes out within a dequeue or two.
//!
//! ```text
//!   flooded   [ x x x x x x ... ]   each that is taken is sent again; its receives are posted again at once
//!   quiet     [ x ]                 one of 63, or of 999, each in its turn
//! ```

use ringport::{BackendChoice, BufferPool, Limits, Operation};

use crate::alone::alone_on_each_backend;
use crate::common::rig::plain;
use crate::common::system::{descriptors_for, is_wine};
use crate::common::until;
use crate::rig::{KINDS, Make, Many};

alone_on_each_backend!(
    a_flooded_socket_keeps_none_of_63_waiting,
    nor_of_999,
    nor_with_chains,
    nor_while_it_answers,
    sockets_that_are_all_flooded_share,
);

/// What one dequeue takes.
const MOST: usize = 64;
/// Receives posted on the flooded socket. Over a port and over Registered I/O, so many may be in the queue already when a
/// request comes.
const RECEIVES: u32 = 128;
/// Datagrams that wait in it: they fit into any socket.
const BACKLOG: usize = 160;
/// Dequeues until the quiet one is served, the last included: one that was full when the request came, and its own.
const DEQUEUES: usize = 2;

fn a_flooded_socket_keeps_none_of_63_waiting(choice: BackendChoice) -> Vec<BufferPool> {
    flood(choice, 64, 1, false)
}

fn nor_of_999(choice: BackendChoice) -> Vec<BufferPool> {
    if descriptors_for(1200) { flood(choice, 1000, 1, false) } else { Vec::new() }
}

fn nor_with_chains(choice: BackendChoice) -> Vec<BufferPool> {
    flood(choice, 64, 2, false)
}

fn nor_while_it_answers(choice: BackendChoice) -> Vec<BufferPool> {
    flood(choice, 64, 1, true)
}

fn flood(choice: BackendChoice, sockets: usize, slices: usize, answers: bool) -> Vec<BufferPool> {
    // Over a port those of one dequeue may leave after the next has begun.
    let sends = if answers { 2 * RECEIVES } else { 0 };
    let each = Limits { receives: RECEIVES, receive_buffers: 2, sends, send_buffers: 1 };
    for (kind, make) in KINDS {
        // What was posted has been put into the queue by the pump of a port, or by the system; behind that, a request is
        // as soon there.
        let is_queued = kind == "port" || choice == BackendChoice::Rio;
        let bound = if is_queued { DEQUEUES + (RECEIVES as usize).div_ceil(MOST) + 1 } else { DEQUEUES };
        // The answers complete in the same queue, one for each.
        let bound = if answers { 2 * bound } else { bound };
        // Under Wine each has gone through another process before it is there, and the flooded one goes on meanwhile.
        let bound = if is_queued && is_wine() { 4 * bound } else { bound };
        Flood::new(choice, make, sockets, each, slices).serves_the_others(kind, answers, bound);
    }
    Vec::new()
}

struct Flood {
    many: Box<dyn Many>,
    client: std::net::UdpSocket,
    sockets: usize,
    slices: usize,
}

impl Flood {
    fn new(choice: BackendChoice, make: Make, sockets: usize, each: Limits, slices: usize) -> Flood {
        let many = make(choice, sockets, each);
        let flood = Flood { many, client: plain(), sockets, slices };
        (0..each.receives).for_each(|_| flood.many.post(0, slices));
        (1..sockets).for_each(|index| flood.many.post(index, 1));
        (0..BACKLOG).for_each(|_| flood.arrive(0));
        flood
    }

    fn arrive(&self, index: usize) {
        self.client.send_to(b"x", self.many.address(index)).unwrap();
    }

    fn serves_the_others(&mut self, kind: &str, answers: bool, bound: usize) {
        let mut busy = 0;
        for request in 0..100 {
            let quiet = 1 + request * 7 % (self.sockets - 1);
            self.arrive(quiet);
            let mut dequeues = 0;
            until(kind, || {
                let completions = self.many.dequeue(MOST);
                dequeues += usize::from(completions.iter().any(|one| one.operation() == Operation::Receive));
                let mut served = false;
                for completion in completions {
                    if completion.operation() == Operation::Send {
                        continue;
                    }
                    let index = completion.socket_context() as usize;
                    if answers {
                        self.many.send(index, b"y", completion.peer().unwrap());
                    }
                    served |= index == quiet;
                    self.many.post(index, if index == 0 { self.slices } else { 1 });
                    if index == 0 {
                        busy += 1;
                        self.arrive(0);
                    }
                }
                served.then_some(())
            });
            assert!(
                dequeues <= bound,
                "{kind}: request {request} was served in dequeue {dequeues} of {bound}"
            );
        }
        assert!(busy > 100 * MOST / 4, "{kind}: the flooded socket was served, too: {busy}");
    }
}

/// While all of them always have data, none gets less than half of its part.
fn sockets_that_are_all_flooded_share(choice: BackendChoice) -> Vec<BufferPool> {
    const SOCKETS: usize = 16;
    const EACH: usize = 800;
    let each = Limits { receives: RECEIVES, receive_buffers: 2, sends: 0, send_buffers: 1 };
    for (kind, make) in KINDS {
        let mut many = make(choice, SOCKETS, each);
        let client = plain();
        for index in 0..SOCKETS {
            (0..RECEIVES).for_each(|_| many.post(index, 1));
            (0..BACKLOG).for_each(|_| _ = client.send_to(b"x", many.address(index)).unwrap());
        }
        let mut counts = [0; SOCKETS];
        until(kind, || {
            for completion in many.dequeue(MOST) {
                let index = completion.socket_context() as usize;
                counts[index] += 1;
                many.post(index, 1);
                client.send_to(b"x", many.address(index)).unwrap();
            }
            (counts.iter().sum::<usize>() >= SOCKETS * EACH).then_some(())
        });
        let least = counts.iter().min().copied().unwrap();
        assert!(least >= EACH / 2, "{kind}: {counts:?}");
    }
    Vec::new()
}
