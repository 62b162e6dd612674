//! From the head of a request to the head of its answer, and to the file that follows it.

use std::time::SystemTime;

use ringport::BufferMut;

use super::body::Body;
use super::{Connection, Phase};
use crate::files::Opened;
use crate::house::House;
use crate::http::answer::{Answer, Content};
use crate::http::framing::Framed;
use crate::http::media;
use crate::http::request::{Request, parse};
use crate::http::selection::{Selection, select};
use crate::http::status::Status;
use crate::http::target;
use crate::limits::SENDS;

/// An answer that can be sent.
struct Prepared {
    head: BufferMut,
    body: Option<Body>,
    keep_alive: bool,
}

/// There is no memory to answer with; the connection is closed then.
struct NoMemory;

impl Connection {
    /// Answers the next request, if there is a whole one and room to send.
    pub(super) fn answer_next(&mut self, house: &House, path: &mut Vec<u8>) -> bool {
        // Room for a head and for what follows it.
        if self.sends + 2 > SENDS {
            return false;
        }
        let length = match self.inbox.next() {
            Framed::Incomplete => return false,
            Framed::Head(length) => length,
            Framed::LineTooLong => return self.refuse_and_go_on(house, Status::UriTooLong),
            Framed::HeadTooLong => return self.refuse_and_go_on(house, Status::HeaderFieldsTooLarge),
        };
        let prepared = match parse(self.inbox.head(length)) {
            Ok(request) => prepare(house, &request, self.id, path),
            Err(status) => return self.refuse_and_go_on(house, status),
        };
        self.inbox.consume(length);
        match prepared {
            Ok(prepared) => self.send_answer(prepared),
            Err(NoMemory) => _ = self.close(),
        }
        true
    }

    /// Answers so, and ends the connection.
    pub(super) fn refuse(&mut self, house: &House, status: Status) {
        self.inbox.clear();
        match write(house, &answer(status, false)) {
            Ok(head) => self.send_answer(Prepared { head, body: None, keep_alive: false }),
            Err(NoMemory) => _ = self.close(),
        }
    }

    fn refuse_and_go_on(&mut self, house: &House, status: Status) -> bool {
        self.refuse(house, status);
        true
    }

    fn send_answer(&mut self, prepared: Prepared) {
        let Prepared { head, body, keep_alive } = prepared;
        if !keep_alive {
            self.phase = Phase::Ending;
        }
        self.body = body;
        // A head leaves with the first bytes that follow it.
        let defer = self.body.is_some();
        self.send(head, defer);
    }
}

fn answer(status: Status, keep_alive: bool) -> Answer<'static> {
    Answer { status, content: None, location: None, head_only: false, keep_alive, now: SystemTime::now() }
}

/// Writes the head into a slice.
fn write(house: &House, answer: &Answer<'_>) -> Result<BufferMut, NoMemory> {
    let mut head = house.memory.heads.take().map_err(|_| NoMemory)?;
    head.fill_with(|room| answer.write(room)).map_err(|_| NoMemory)?;
    house.counters.answered(answer.status);
    Ok(head)
}

/// Finds out what answers a request.
fn prepare(house: &House, request: &Request<'_>, id: u64, path: &mut Vec<u8>) -> Result<Prepared, NoMemory> {
    let keep_alive = request.keep_alive && !house.is_draining();
    let mut answer = Answer { head_only: request.head_only, ..answer(Status::Ok, keep_alive) };
    let opened = target::resolve(request.target, path).and_then(|()| house.files.open(path));
    let mut body = None;
    match opened {
        Err(status) => answer.status = status,
        Ok(Opened::Directory) => {
            let (path, _) = request.target.split_once('?').unwrap_or((request.target, ""));
            answer.status = Status::MovedPermanently;
            answer.location = Some((path, request.target.get(path.len()..).unwrap_or_default()));
        }
        Ok(Opened::File(file, facts)) => {
            let Selection { status, bytes } = select(request, facts);
            answer.status = status;
            answer.content = Some(Content {
                media: media::type_of(path),
                modified: facts.modified,
                bytes: (bytes.start, bytes.end),
                length: facts.length,
            });
            if !request.head_only && !bytes.is_empty() {
                match house.port.associate_file(file, id) {
                    Ok(file) => body = Some(Body::new(file, bytes)),
                    Err(_) => (answer.status, answer.content) = (Status::Unavailable, None),
                }
            }
        }
    }
    Ok(Prepared { head: write(house, &answer)?, body, keep_alive })
}
