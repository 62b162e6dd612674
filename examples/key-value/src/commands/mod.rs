//! What clients may ask for.
//!
//! | room | commands |
//! | --- | --- |
//! | `strings` | values: GET, SET, MGET, MSET, APPEND, STRLEN |
//! | `numbers` | values that are numbers: INCR, DECR and their like |
//! | `keys` | what is there, and for how long: DEL, EXISTS, EXPIRE, TTL, KEYS, ... |
//! | `connection` | the connection itself: PING, ECHO, SELECT, CLIENT, HELLO, QUIT |
//! | `server` | the server: INFO, CONFIG, COMMAND |

mod connection;
mod keys;
mod numbers;
mod server;
mod set;
mod strings;

use std::ops::RangeInclusive;

use crate::house::House;
use crate::protocol::{Reply, Words};
use crate::session::Client;

/// A command that is carried out.
pub(crate) struct Call<'call, 'connection> {
    pub(crate) words: Words<'call>,
    pub(crate) reply: Reply<'call, 'connection>,
    pub(crate) house: &'call House,
    pub(crate) client: &'call mut Client,
}

/// Something a client may ask for.
struct Command {
    /// How many words it has, its name included.
    words: RangeInclusive<usize>,
    run: fn(&mut Call<'_, '_>),
}

/// As many words as there may be.
const MANY: usize = usize::MAX;
/// The longest name.
const LONGEST_NAME: usize = 8;

/// Makes a table that finds a command by its name.
macro_rules! commands {
    ($($name:literal $words:expr => $run:path;)*) => {
        /// The command of a name in capital letters.
        #[inline]
        fn named(name: &[u8]) -> Option<Command> {
            match name {
                $($name => Some(Command { words: $words, run: $run }),)*
                _ => None,
            }
        }

        /// How many there are.
        const COUNT: usize = [$($name as &[u8]),*].len();
    };
}

commands! {
    b"GET" 2..=2 => strings::get;
    b"SET" 3..=MANY => set::set;
    b"SETNX" 3..=3 => set::set_new;
    b"MGET" 2..=MANY => strings::get_many;
    b"MSET" 3..=MANY => strings::set_many;
    b"APPEND" 3..=3 => strings::append;
    b"STRLEN" 2..=2 => strings::length;
    b"INCR" 2..=2 => numbers::increment;
    b"INCRBY" 3..=3 => numbers::increment_by;
    b"DECR" 2..=2 => numbers::decrement;
    b"DECRBY" 3..=3 => numbers::decrement_by;
    b"DEL" 2..=MANY => keys::delete;
    b"UNLINK" 2..=MANY => keys::delete;
    b"EXISTS" 2..=MANY => keys::exist;
    b"EXPIRE" 3..=3 => keys::expire;
    b"PEXPIRE" 3..=3 => keys::expire_millis;
    b"TTL" 2..=2 => keys::time_left;
    b"PTTL" 2..=2 => keys::millis_left;
    b"PERSIST" 2..=2 => keys::persist;
    b"TYPE" 2..=2 => keys::kind;
    b"KEYS" 2..=2 => keys::matching;
    b"DBSIZE" 1..=1 => keys::count;
    b"FLUSHDB" 1..=2 => keys::flush;
    b"FLUSHALL" 1..=2 => keys::flush;
    b"PING" 1..=2 => connection::ping;
    b"ECHO" 2..=2 => connection::echo;
    b"SELECT" 2..=2 => connection::select;
    b"CLIENT" 2..=MANY => connection::client;
    b"HELLO" 1..=MANY => connection::hello;
    b"QUIT" 1..=MANY => connection::quit;
    b"INFO" 1..=MANY => server::info;
    b"CONFIG" 2..=MANY => server::config;
    b"COMMAND" 1..=MANY => server::command;
}

/// Does what a client asks for, and answers.
#[inline]
pub(crate) fn carry_out(call: &mut Call<'_, '_>) {
    let words = call.words;
    // A line without words asks for nothing, and is not answered.
    if words.len() == 0 {
        return;
    }
    let mut capitals = [0; LONGEST_NAME];
    let command = upper(words.get(0), &mut capitals).and_then(named);
    match command {
        Some(command) if command.words.contains(&words.len()) => (command.run)(call),
        Some(_) => wrong_number(call),
        None => unknown(call),
    }
}

/// A word in capital letters, if it is not longer than a name may be.
#[inline]
fn upper<'room, const N: usize>(word: &[u8], room: &'room mut [u8; N]) -> Option<&'room [u8]> {
    let room = room.get_mut(..word.len())?;
    room.copy_from_slice(word);
    room.make_ascii_uppercase();
    Some(room)
}

/// What of a word is shown in an error.
fn shown(word: &[u8]) -> String {
    const MOST: usize = 128;
    word.get(..MOST).unwrap_or(word).escape_ascii().to_string()
}

#[cold]
fn unknown(call: &mut Call<'_, '_>) {
    let name = shown(call.words.get(0));
    call.reply.error(format_args!("ERR unknown command '{name}'"));
}

#[cold]
fn wrong_number(call: &mut Call<'_, '_>) {
    let name = shown(call.words.get(0)).to_ascii_lowercase();
    call.reply.error(format_args!("ERR wrong number of arguments for '{name}' command"));
}

/// A command whose second word says what it does has no such one.
#[cold]
fn unknown_part(call: &mut Call<'_, '_>) {
    let (name, part) = (shown(call.words.get(0)).to_ascii_uppercase(), shown(call.words.get(1)));
    call.reply
        .error(format_args!("ERR unknown subcommand or wrong number of arguments for '{part}' of {name}"));
}
