//! What concerns the connection itself.

use super::{Call, shown, unknown_part, upper};
use crate::protocol::parse;

/// `PING [message]`
#[inline]
pub(super) fn ping(call: &mut Call<'_, '_>) {
    match call.words.len() {
        1 => call.reply.line(b"+PONG\r\n"),
        _ => echo(call),
    }
}

/// `ECHO message`
pub(super) fn echo(call: &mut Call<'_, '_>) {
    let message = call.words.get(1);
    if call.reply.fits(message.len()) {
        call.reply.bulk(message);
    }
}

/// `SELECT 0`: there is but one database.
pub(super) fn select(call: &mut Call<'_, '_>) {
    match parse(call.words.get(1)) {
        Some(0) => call.reply.ok(),
        Some(_) => call.reply.error("ERR DB index is out of range"),
        None => call.reply.error("ERR value is not an integer or out of range"),
    }
}

/// `CLIENT ID|GETNAME|SETNAME name|SETINFO field value`
pub(super) fn client(call: &mut Call<'_, '_>) {
    let words = call.words;
    let mut room = [0; 8];
    match (upper(words.get(1), &mut room), words.len()) {
        (Some(b"ID"), 2) => call.reply.integer(call.client.id),
        (Some(b"GETNAME"), 2) if call.client.name.is_empty() => call.reply.null(),
        (Some(b"GETNAME"), 2) => call.reply.bulk(&call.client.name),
        (Some(b"SETNAME"), 3) => name_client(call),
        // What library the client is made with is of no use here.
        (Some(b"SETINFO"), 4) => call.reply.ok(),
        _ => unknown_part(call),
    }
}

/// The longest name of a client, which is kept for as long as it is there.
const LONGEST_NAME: usize = 256;

fn name_client(call: &mut Call<'_, '_>) {
    let name = call.words.get(2);
    if name.len() > LONGEST_NAME || !name.iter().all(u8::is_ascii_graphic) {
        return call.reply.error(
            "ERR Client names cannot contain spaces, newlines or special characters, nor be longer than 256.",
        );
    }
    call.client.name.clear();
    call.client.name.extend_from_slice(name);
    call.reply.ok();
}

/// `HELLO [2 ..]`: version 2 of the protocol, and nobody to be.
pub(super) fn hello(call: &mut Call<'_, '_>) {
    let words = call.words;
    match words.len() {
        1 => {}
        _ if words.get(1) != b"2" => return call.reply.error("NOPROTO unsupported protocol version"),
        2 => {}
        _ => {
            let option = shown(words.get(2));
            return call.reply.error(format_args!("ERR Syntax error in HELLO option '{option}'"));
        }
    }
    call.reply.array(14);
    let fields: [(&[u8], &[u8]); 2] =
        [(b"server", b"ringport-key-value"), (b"version", env!("CARGO_PKG_VERSION").as_bytes())];
    for (field, value) in fields {
        call.reply.bulk(field);
        call.reply.bulk(value);
    }
    for (field, value) in [(&b"proto"[..], 2), (b"id", call.client.id)] {
        call.reply.bulk(field);
        call.reply.integer(value);
    }
    for (field, value) in [(&b"mode"[..], &b"standalone"[..]), (b"role", b"master")] {
        call.reply.bulk(field);
        call.reply.bulk(value);
    }
    call.reply.bulk(b"modules");
    call.reply.array(0);
}

/// `QUIT`
pub(super) fn quit(call: &mut Call<'_, '_>) {
    call.reply.ok();
    call.reply.close();
}
