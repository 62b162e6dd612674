//! One connection: each message is a command, and is answered.

use std::cell::RefCell;
use std::sync::Arc;

use ringport::server::tcp::Message;

use crate::commands::{self, Call};
use crate::house::House;
use crate::protocol::{Cuts, Reply, Words};

/// What is known of a client.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) id: i64,
    /// What it calls itself.
    pub(crate) name: Vec<u8>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Session {
    house: Arc<House>,
    client: Client,
}

/// What a thread works with, whichever connection it serves. Both grow to what the longest command needs and stay.
#[derive(Debug, Default)]
struct Bench {
    cuts: Cuts,
    /// A command that lies in several slices, in one piece.
    piece: Vec<u8>,
}

thread_local! {
    static BENCH: RefCell<Bench> = RefCell::default();
}

impl Session {
    pub(crate) fn new(house: Arc<House>) -> Session {
        let client = Client { id: house.next_client(), name: Vec::new() };
        Session { house, client }
    }

    /// Carries out a command.
    #[inline]
    pub(crate) fn answer(&mut self, message: Message<'_>) {
        BENCH.with_borrow_mut(|bench| self.answer_at(bench, message));
    }

    #[inline]
    fn answer_at(&mut self, bench: &mut Bench, mut message: Message<'_>) {
        let Bench { cuts, piece } = bench;
        let (received, connection) = message.parts();
        let limits = &self.house.limits;
        let mut reply = Reply::new(connection, limits.largest);
        let bytes = match received.contiguous() {
            Some(bytes) => bytes,
            None => {
                piece.clear();
                received.slices().for_each(|slice| piece.extend_from_slice(slice));
                piece
            }
        };
        match Words::cut(bytes, limits, cuts) {
            Ok(words) => {
                commands::carry_out(&mut Call { words, reply, house: &self.house, client: &mut self.client });
            }
            Err(error) => {
                reply.error(format_args!("ERR {error}"));
                reply.close();
            }
        }
    }
}
