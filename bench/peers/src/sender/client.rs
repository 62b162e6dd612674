//! One socket of the side that asks: what it has outstanding, and whether answers are what was asked.
//!
//! ```text
//!   asked    [ 0: when ][ 1: when ][ 2: free ] ...       a place a request; the next one takes a free place
//!   request  [ when it was sent ][ its place ][ the same bytes always ]
//! ```

use std::net::{Ipv4Addr, UdpSocket};

use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::UdpGsoSegment;
use ringport_stand::Failure;
use ringport_stand::batch::Batch;
use ringport_stand::part;

use super::SEGMENTS;
use crate::load::{BYTES, Way};
use crate::stamp::{Delays, STAMP, now, of};

/// Room for all answers at once.
const BUFFER: usize = 4 << 20;
/// What follows stamp and place.
const HEAD: usize = 2 * STAMP;
const BODY: [u8; BYTES - HEAD] = [0x5a; BYTES - HEAD];

pub(super) struct Client {
    pub(super) socket: UdpSocket,
    way: Way,
    /// When each request left; zero where a place is free.
    asked: Vec<u64>,
    free: Vec<usize>,
    /// Datagrams to be sent, one after the other.
    bytes: Vec<u8>,
    pub(super) answers: u64,
}

impl Client {
    pub(super) fn connect(port: u16, way: Way, outstanding: usize) -> Result<Client, Failure> {
        let socket = part::socket(BUFFER)?;
        socket.connect((Ipv4Addr::LOCALHOST, port))?;
        if way == Way::Offload {
            setsockopt(&socket, UdpGsoSegment, &i32::try_from(BYTES)?)?;
        }
        let free = (0..outstanding).collect();
        Ok(Client { socket, way, asked: vec![0; outstanding], free, bytes: Vec::new(), answers: 0 })
    }

    pub(super) fn outstanding(&self) -> usize {
        self.asked.len() - self.free.len()
    }

    /// Asks as often as there are free places; returns how often that was. What leaves together is as much as can be:
    /// a few are kept until there are more, so that runs do not fall to pieces by and by.
    pub(super) fn ask(&mut self) -> Result<u64, Failure> {
        let together = if self.way == Way::Offload { SEGMENTS } else { 1 };
        let mut asked = 0;
        while self.free.len() >= together || self.free.len() == self.asked.len() {
            self.bytes.clear();
            let sent = now();
            let rest = self.free.len().saturating_sub(together);
            for place in self.free.drain(rest..) {
                if let Some(when) = self.asked.get_mut(place) {
                    *when = sent;
                }
                self.bytes.extend_from_slice(&sent.to_le_bytes());
                self.bytes.extend_from_slice(&(place as u64).to_le_bytes());
                self.bytes.extend_from_slice(&BODY);
                asked += 1;
            }
            self.socket.send(&self.bytes)?;
        }
        Ok(asked)
    }

    /// Takes the answers of a batch.
    pub(super) fn take(&mut self, batch: &Batch, round_trips: &mut Delays) -> Result<(), Failure> {
        let came = now();
        let mut wrong = None;
        batch.each(|answer, _| match self.match_up(answer) {
            Ok(Some(sent)) => {
                self.answers += 1;
                round_trips.note(came.saturating_sub(sent));
            }
            Ok(None) => {}
            Err(failure) => wrong = Some(failure),
        });
        wrong.map_or(Ok(()), Err)
    }

    /// When the request left that this is the answer to; `None` if that was given up meanwhile.
    fn match_up(&mut self, answer: &[u8]) -> Result<Option<u64>, Failure> {
        let (sent, place) = (of(answer), of(answer.get(STAMP..).unwrap_or_default()) as usize);
        if answer.get(HEAD..) != Some(&BODY) || place >= self.asked.len() {
            return Err(format!("an answer of {} bytes is not what was sent", answer.len()).into());
        }
        match self.asked.get_mut(place) {
            Some(when) if *when == sent && sent != 0 => {
                *when = 0;
                self.free.push(place);
                Ok(Some(sent))
            }
            _ => Ok(None),
        }
    }

    /// Nothing came for long: what is outstanding is lost.
    pub(super) fn give_up(&mut self) {
        for (place, when) in self.asked.iter_mut().enumerate().filter(|(_, when)| **when != 0) {
            *when = 0;
            self.free.push(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client with one request outstanding, and the other side with the bytes of the request.
    fn asked() -> (Client, UdpSocket, Vec<u8>) {
        let peer = part::socket(BUFFER).unwrap();
        let mut client = Client::connect(peer.local_addr().unwrap().port(), Way::Plain, 1).unwrap();
        assert_eq!((client.ask().unwrap(), client.outstanding()), (1, 1));
        let mut request = vec![0; 2 * BYTES];
        let (bytes, from) = peer.recv_from(&mut request).unwrap();
        peer.connect(from).unwrap();
        request.truncate(bytes);
        (client, peer, request)
    }

    #[test]
    fn what_comes_back_as_it_was_sent_frees_its_place() {
        let (mut client, peer, request) = asked();
        let (mut batch, mut delays) = (Batch::new(), Delays::new().unwrap());
        // The second one answers nothing.
        for _ in 0..2 {
            peer.send(&request).unwrap();
            batch.wait(&client.socket).unwrap();
            client.take(&batch, &mut delays).unwrap();
        }
        assert_eq!((client.answers, client.outstanding(), delays.percentiles().count), (1, 0, 1));
    }

    #[test]
    fn an_answer_that_was_changed_is_told() {
        for change in [|bytes: &mut Vec<u8>| bytes.truncate(BYTES - 1), |bytes: &mut Vec<u8>| bytes[40] ^= 1]
        {
            let (mut client, _, mut request) = asked();
            change(&mut request);
            assert!(client.match_up(&request).unwrap_err().to_string().contains("is not what was sent"));
        }
    }

    #[test]
    fn an_answer_to_what_was_given_up_counts_for_nothing() {
        let (mut client, _, request) = asked();
        client.give_up();
        assert_eq!((client.match_up(&request).unwrap(), client.outstanding()), (None, 0));
    }
}
