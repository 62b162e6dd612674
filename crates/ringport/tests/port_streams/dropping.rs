//! Dropped in any order, with requests of every kind in flight: every slice comes back, and the connection ends.

use std::io::{Read, Write};
use std::net::TcpStream;

use ringport::queue::PortQueue;
use ringport::{
    BackendChoice, BufferPool, CompletionPort, PortRequestQueue, Ready, Receive, Send, StreamSocket,
};

use crate::common::on_each_backend;
use crate::packets::ready;
use crate::rig::{Rig, pool, rig};
use crate::sending::{large, send_large};

on_each_backend!(
    everything_may_be_dropped_in_many_orders,
    a_full_socket_leaves_nothing,
    a_dry_pool_is_left_alone,
);

/// A right that is held, and all that it could depend on.
struct Everything {
    right: Option<Ready>,
    requests: Option<PortRequestQueue<StreamSocket>>,
    queue: Option<PortQueue>,
    port: Option<CompletionPort>,
    pool: Option<BufferPool>,
    socket: Option<StreamSocket>,
}

impl Everything {
    fn in_flight(choice: BackendChoice) -> (Everything, TcpStream) {
        let Rig { requests, queue, port, pool, socket, mut peer } = rig(choice);
        requests.receive(pool.take().unwrap(), 0).unwrap();
        requests.receive_with(pool.take().unwrap(), Receive::new().wait_all(), 1).unwrap();
        (2..6).for_each(|token| requests.receive_pooled(&pool, Receive::new(), token).unwrap());
        requests.send_with(pool.take_with(b"later").unwrap(), Send::new().defer(), 6).unwrap();
        // Fills the first, and a part of the second.
        peer.write_all(&[1; crate::rig::SLICE + 3]).unwrap();
        let right = Some(ready(&port));
        let (requests, queue, port) = (Some(requests), Some(queue), Some(port));
        (Everything { right, requests, queue, port, pool: Some(pool), socket: Some(socket) }, peer)
    }

    fn drop_one(&mut self, place: usize) {
        match place {
            0 => self.right = None,
            1 => self.requests = None,
            2 => self.queue = None,
            3 => self.port = None,
            4 => self.pool = None,
            _ => self.socket = None,
        }
    }
}

fn everything_may_be_dropped_in_many_orders(choice: BackendChoice) {
    let mut orders = vec![Vec::new()];
    for place in 0..6 {
        let insert = |order: &Vec<usize>| {
            let order = order.clone();
            (0..=order.len()).map(move |at| [&order[..at], &[place], &order[at..]].concat())
        };
        orders = orders.iter().flat_map(insert).collect();
    }
    // Some of all: datagrams have tried each.
    for order in orders.into_iter().step_by(7) {
        let (mut everything, mut peer) = Everything::in_flight(choice);
        let watch = everything.pool.clone().unwrap();
        order.iter().for_each(|place| everything.drop_one(*place));
        assert_eq!(watch.figures().used, 0, "{order:?}");
        // The connection is over: reset, for not all that the peer sent was read, or ended.
        let ended = peer.read(&mut [0; 8]).map_err(|error| error.kind());
        assert!(matches!(ended, Ok(0) | Err(std::io::ErrorKind::ConnectionReset)), "{order:?}: {ended:?}");
    }
}

fn a_full_socket_leaves_nothing(choice: BackendChoice) {
    for round in 0..10 {
        let rig = rig(choice);
        let pool = large(12);
        (0..12).for_each(|token| send_large(&rig, &pool, token));
        let Rig { requests, queue, port, socket, .. } = rig;
        match round % 3 {
            0 => drop((requests, queue, port)),
            1 => drop((queue, requests, port)),
            _ => drop((port, requests, queue)),
        }
        drop(socket);
        assert_eq!(pool.figures().used, 0, "round {round}");
    }
}

fn a_dry_pool_is_left_alone(choice: BackendChoice) {
    for round in 0..20 {
        let Rig { requests, queue, mut peer, port, .. } = rig(choice);
        let pool = pool(1);
        let taken = pool.take().unwrap();
        requests.receive_pooled(&pool, Receive::new(), 1).unwrap();
        peer.write_all(b"hello").unwrap();
        // The pump has looked, and found the pool dry.
        (0..3).for_each(|_| _ = requests.counters());
        if round % 2 == 0 {
            drop((requests, queue));
        } else {
            drop((queue, requests));
        }
        drop((taken, port));
        assert_eq!(pool.figures().used, 0);
    }
}
