//! What the bookkeeping makes of a carrier that nobody meets on purpose.

use super::*;
use crate::BackendKind;
use crate::backend::contract::{Contract, Effort, ReceiveSide, Status};
use crate::backend::sys::errno;
use crate::backend::sys::event::{EventDescriptor, OwnedEvent};
use crate::backend::windows::carrier::{Means, Outcome, Room, Ticket};
use crate::{BufferPool, UdpSocket};

/// Every operation fails at once.
#[derive(Debug, Default)]
struct Down {
    begun: usize,
    calls: u64,
}

impl Carrier for Down {
    fn kind(&self) -> BackendKind {
        BackendKind::Overlapped
    }
    fn attach(
        &mut self,
        _: u32,
        _: &SocketHandle,
        room: Room,
    ) -> Result<Means, crate::backend::contract::AttachError> {
        let (receives, sends) = (room.receives as u16, room.sends as u16);
        Ok(Means { receives, sends, parts: 16, awaits: true, cuts: false })
    }
    fn grow(&mut self, _: u32, _: Room) -> std::io::Result<Means> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
    unsafe fn begin(&mut self, _: Ticket, _: Work<'_>) -> Begun {
        self.begun += 1;
        Begun::Done(Outcome::of(Status::Failed(errno::ENETDOWN)))
    }
    fn take(&mut self, _: &mut VecDeque<End>, _: Look) -> std::io::Result<()> {
        Ok(())
    }
    fn cancel(&mut self, _: u32) {}
    fn detach(&mut self, _: u32) {}
    fn watch_wake(&mut self, _: &EventDescriptor) -> std::io::Result<()> {
        Ok(())
    }
    fn descriptor(&mut self, _: &EventDescriptor) -> std::io::Result<Option<OwnedEvent>> {
        Ok(None)
    }
    fn arm_descriptor(&mut self, _: bool) -> std::io::Result<()> {
        Ok(())
    }
    fn calls(&mut self) -> &mut u64 {
        &mut self.calls
    }
    fn system_calls(&self) -> u64 {
        self.calls
    }
}

#[test]
fn receives_that_all_fail_at_once_are_tried_now_and_then() {
    let pool = BufferPool::builder().slice_size(64).slices_per_region(8).build().unwrap();
    let socket = SocketHandle::Datagram(UdpSocket::bind("127.0.0.1:0").unwrap());
    let mut side = ReceiveSide::new(&socket, 4, 1);
    (0..4).for_each(|token| side.push(pool.take().unwrap(), token, false, true));
    let mut table = Table::default();
    let key = table.insert(Attachment::new(socket, 0, Some(side), None));
    let mut windows = Windows::new(Down::default());
    windows.attach(key, table.get_mut(key).unwrap()).unwrap();
    let mut out = Vec::new();
    for _ in 0..100 {
        windows.reap(&mut table, &mut out, 64, Effort::Known);
    }
    // What is in the kernel at a time may be above the number.
    assert!((64..=68).contains(&windows.carrier.begun), "{}", windows.carrier.begun);
    assert!(out.is_empty(), "none is lost");
    windows.try_unmade(&mut table);
    assert!(windows.carrier.begun > 64, "it is tried again");
    assert_eq!(table.get(key).unwrap().receive.as_ref().unwrap().posted.len(), 4);
}
