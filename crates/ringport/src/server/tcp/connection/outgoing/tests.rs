use super::*;
use crate::memory::Lock;
use crate::net::StreamSocket;
use crate::queue::{PostError, Refused};
use std::cell::RefCell;

/// Keeps what is sent.
#[derive(Default)]
struct Sink {
    sends: RefCell<Vec<(Vec<u8>, bool)>>,
}

impl Requests for Sink {
    fn receive(&self, _: &BufferPool) -> Result<(), PostError> {
        Ok(())
    }
    fn send(&self, buffer: Buffer, more: bool) -> Result<(), Refused<Buffer>> {
        self.sends.borrow_mut().push((buffer.to_vec(), more));
        Ok(())
    }
    fn send_at_once(&self, buffer: Buffer) -> Result<Option<Buffer>, Refused<Buffer>> {
        self.send(buffer, false).map(|()| None)
    }
    fn finish(&self) -> Result<(), PostError> {
        Ok(())
    }
    fn socket(&self) -> &StreamSocket {
        unreachable!("nobody asks")
    }
}

fn pool(slices: usize) -> BufferPool {
    let pool = BufferPool::builder().slice_size(8).slices_per_region(slices).regions(1..=1);
    pool.lock(Lock::Off).build().unwrap()
}

#[test]
fn small_replies_share_a_slice_and_leave_together() {
    let (pool, sink) = (pool(4), Sink::default());
    let mut outgoing = Outgoing::new(3, 8);
    for reply in [&b"one"[..], b"two", b"three", b""] {
        outgoing.append(&pool, reply).unwrap();
    }
    assert_eq!((outgoing.unsent(), outgoing.room(), pool.free()), (11, 13, 2));
    outgoing.flush(&sink);
    assert_eq!(*sink.sends.borrow(), [(b"onetwoth".to_vec(), true), (b"ree".to_vec(), false)]);
    assert_eq!((outgoing.room(), outgoing.is_empty()), (8, false));
    outgoing.sent(8);
    outgoing.sent(3);
    assert!(outgoing.is_empty() && outgoing.unsent() == 0 && outgoing.room() == 24);
}

#[test]
fn a_reply_is_taken_as_a_whole_or_not_at_all() {
    let (pool, sink) = (pool(8), Sink::default());
    let mut outgoing = Outgoing::new(2, 8);
    outgoing.append(&pool, b"first").unwrap();
    let refused = outgoing.append(&pool, &[0; 12]).unwrap_err();
    assert_eq!((refused.asked, refused.room), (12, 11));
    outgoing.append(&pool, &[1; 11]).unwrap();
    assert_eq!(outgoing.room(), 0);
    outgoing.flush(&sink);
    let sent: Vec<u8> = sink.sends.borrow().iter().flat_map(|(bytes, _)| bytes.clone()).collect();
    assert_eq!(sent, [&b"first"[..], &[1; 11]].concat());
}

#[test]
fn when_the_pool_is_dry_what_was_begun_is_taken_back() {
    let pool = pool(2);
    for before in 0..=8usize {
        let sink = Sink::default();
        let mut outgoing = Outgoing::new(5, 8);
        outgoing.append(&pool, &vec![7; before]).unwrap();
        assert!(outgoing.append(&pool, &[9; 20]).is_err());
        outgoing.flush(&sink);
        let sent: Vec<u8> = sink.sends.borrow().iter().flat_map(|(bytes, _)| bytes.clone()).collect();
        assert_eq!(sent, vec![7; before], "{before} bytes were there");
    }
    assert_eq!(pool.free(), 2);
}

#[test]
fn slices_keep_their_place_among_copies() {
    let (pool, sink) = (pool(8), Sink::default());
    let mut outgoing = Outgoing::new(4, 8);
    outgoing.append(&pool, b"a").unwrap();
    outgoing.append_buffer(pool.take_with(b"slice").unwrap().freeze()).unwrap();
    outgoing.append(&pool, b"b").unwrap();
    outgoing.append_buffer(pool.take_with(b"last").unwrap().freeze()).unwrap();
    assert!(outgoing.append_buffer(pool.take_with(b"no").unwrap().freeze()).is_err());
    outgoing.flush(&sink);
    let sent: Vec<u8> = sink.sends.borrow().iter().flat_map(|(bytes, _)| bytes.clone()).collect();
    assert_eq!(sent, b"aslicebla st".iter().copied().filter(|byte| *byte != b' ').collect::<Vec<_>>());
}
