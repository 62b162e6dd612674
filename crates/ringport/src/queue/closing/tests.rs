//! A kernel that does not let go: what it may still write to is kept, and nobody is left in the dark.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;
use crate::backend::BackendKind;
use crate::backend::contract::{
    AttachError, Completion, Contract, Effort, Outward, Payload, ReceiveSide, SendSide,
};
use crate::backend::sys::errno;
use crate::backend::sys::event::{EventDescriptor, OwnedEvent};
use crate::memory::{BufferPool, Lock};
use crate::net::{SocketHandle, UdpSocket};
use crate::queue::{Receive, Send, Waiting};

/// Completes nothing and lets go of nothing.
#[derive(Debug)]
struct Stuck;

impl Contract for Stuck {
    fn kind(&self) -> BackendKind {
        BackendKind::Uring
    }
    fn lookahead(&self) -> usize {
        1
    }
    fn attach(&mut self, _: u32, _: &mut Attachment) -> Result<(), AttachError> {
        Ok(())
    }
    fn publish(&mut self, _: u32, _: &mut Attachment) -> io::Result<()> {
        Ok(())
    }
    fn flush(&mut self, _: u32, _: &mut Attachment, _: &mut Vec<Completion>) {}
    fn reap(&mut self, _: &mut Table, _: &mut Vec<Completion>, _: usize, _: Effort) -> usize {
        0
    }
    fn wait(&mut self, _: &mut Table, _: Option<Duration>, _: Duration) -> io::Result<()> {
        Ok(())
    }
    fn quiesce(&mut self, _: u32, _: &mut Table, _: &mut Vec<Completion>) -> io::Result<()> {
        Err(io::Error::from_raw_os_error(errno::EBADFD))
    }
    fn resume(&mut self, key: u32) {
        panic!("{key} is resumed");
    }
    fn detach(&mut self, key: u32, _: &mut Attachment) {
        panic!("{key} is forgotten");
    }
    fn watch_wake(&mut self, _: &EventDescriptor) -> io::Result<()> {
        Ok(())
    }
    fn descriptor(&mut self, _: &EventDescriptor) -> io::Result<Option<OwnedEvent>> {
        Ok(None)
    }
    fn arm_descriptor(&mut self, _: bool) -> io::Result<()> {
        Ok(())
    }
    fn dry(&self) -> &[u32] {
        &[]
    }

    fn replenished(&mut self, _: &mut Table) {}

    fn count_call(&mut self) {}

    fn system_calls(&self) -> u64 {
        0
    }
    fn fault(&self) -> Option<i32> {
        None
    }
}

/// A socket attached with room for four requests each way.
fn attach(core: &mut Core) -> u32 {
    core.reserve(8).unwrap();
    let socket = SocketHandle::Datagram(UdpSocket::bind("127.0.0.1:0").unwrap());
    let (receive, send) = (ReceiveSide::new(&socket, 4, 1), SendSide::new(&socket, 4, 1));
    core.attach(Attachment::new(socket, 0, Some(receive), Some(send))).unwrap()
}

#[test]
fn what_the_kernel_does_not_let_go_of_is_never_freed_and_said() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hear = Arc::clone(&heard);
    assert!(notice::set_listener(move |message| hear.lock().unwrap().push(message.to_owned())));
    let pool = BufferPool::builder().slice_size(64).slices_per_region(8).regions(1..=1);
    let pool = pool.lock(Lock::Off).build().unwrap();
    let mut core = Core::new(Box::new(Stuck), 64, true, Waiting::Latency).unwrap();
    type End = fn(&mut Core, u32);
    let ends: [End; 3] =
        [|core, key| core.detach(key), |core, key| core.cancel_and_go_on(key), |core, _| core.close()];
    let mut keys = Vec::new();
    for (leaked, end) in (1..).zip(ends) {
        let key = attach(&mut core);
        assert!(!keys.contains(&key), "{key} is given out again");
        keys.push(key);
        core.post_receive(key, pool.take().unwrap(), Receive::new(), 0).unwrap();
        let payload = Payload::Unique(pool.take_with(b"send").unwrap());
        core.accept_send(key, payload, Outward::Data, Send::new().defer(), 0);
        end(&mut core, key);
        let figures = pool.figures();
        assert_eq!((core.leaked, figures.used), (2 * leaked, 2 * leaked as usize));
        assert_eq!((figures.receiving, figures.sending), (leaked as usize, leaked as usize));
        assert!(core.ready.is_empty() && core.table.get(key).is_none());
        assert_eq!(core.reserved, 8 * leaked as usize, "its places stay taken");
        let refused = core.post_receive(key, pool.take().unwrap(), Receive::new(), 0);
        assert!(refused.is_err(), "the key is dead");
    }
    drop(core);
    assert_eq!((pool.figures().used, pool.free()), (6, 2));
    let heard = heard.lock().unwrap();
    let told = heard.iter().filter(|message| message.contains("did not finish the requests"));
    assert_eq!(told.count(), 1, "{heard:?}");
}
