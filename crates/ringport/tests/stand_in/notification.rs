//! Which notification each kind of queue asks the system for, by the public interface of the library.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ringport::{
    BackendChoice, BufferPool, CompletionPort, CompletionQueue, Completions, Limits, Packet,
    PortRequestQueue, RequestQueue, UdpSocket,
};
use windows_sys::Win32::Networking::WinSock::{
    RIO_CQ, RIO_EXTENSION_FUNCTION_TABLE, RIO_IOCP_COMPLETION, RIO_NOTIFICATION_COMPLETION,
};

use crate::table::table;
use crate::until::{PATIENCE, until};

const LIMITS: Limits = Limits { receives: 4, receive_buffers: 1, sends: 0, send_buffers: 1 };

/// The types of the queues that were made, 0 for none.
static MADE: Mutex<Vec<i32>> = Mutex::new(Vec::new());
static ARMED: AtomicUsize = AtomicUsize::new(0);

unsafe extern "system" fn create(size: u32, wanted: *const RIO_NOTIFICATION_COMPLETION) -> RIO_CQ {
    // SAFETY: null, or a structure that the caller keeps for the call.
    MADE.lock().unwrap().push(unsafe { wanted.as_ref() }.map_or(0, |wanted| wanted.Type));
    // SAFETY: the caller's word.
    unsafe { (table().RIOCreateCompletionQueue.unwrap())(size, wanted) }
}

unsafe extern "system" fn notify(queue: RIO_CQ) -> i32 {
    ARMED.fetch_add(1, Ordering::Relaxed);
    // SAFETY: the caller's word.
    unsafe { (table().RIONotify.unwrap())(queue) }
}

/// What was asked for since the last look.
fn seen() -> (Vec<i32>, bool) {
    (std::mem::take(&mut MADE.lock().unwrap()), ARMED.swap(0, Ordering::Relaxed) > 0)
}

fn send_to(socket: &UdpSocket) {
    let peer = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.send_to(b"hello", socket.local_addr().unwrap()).unwrap();
}

#[test]
fn each_kind_of_queue_has_its_own() {
    let watched = RIO_EXTENSION_FUNCTION_TABLE {
        RIOCreateCompletionQueue: Some(create),
        RIONotify: Some(notify),
        ..table()
    };
    // SAFETY: the table is written to behave as the documentation says.
    assert!(unsafe { ringport::backend::install_stand_in(&watched) });
    let builder = || CompletionQueue::builder(8).backend(BackendChoice::Rio);
    let pool = BufferPool::builder().slices_per_region(16).build().unwrap();
    let mut completions = Completions::with_capacity(4);
    let socket = || UdpSocket::bind("127.0.0.1:0").unwrap();

    let mut polled = builder().polled().unwrap();
    let asked = socket();
    let requests = RequestQueue::new(&asked, &polled, &polled, LIMITS, 0).unwrap();
    requests.receive(pool.take().unwrap(), 1).unwrap();
    send_to(&asked);
    until("the datagram", || (polled.dequeue(&mut completions) > 0).then_some(()));
    // Ended with a receive outstanding, which is waited for without a notification.
    requests.receive(pool.take().unwrap(), 2).unwrap();
    drop((requests, polled));
    assert_eq!(seen(), (vec![0], false));

    let mut event = builder().event().unwrap();
    let told = socket();
    let requests = RequestQueue::new(&told, &event, &event, LIMITS, 0).unwrap();
    requests.receive(pool.take().unwrap(), 3).unwrap();
    event.notify().unwrap();
    std::thread::scope(|scope| {
        // What is there before need not be waited for, and then the system is not asked to tell.
        scope.spawn(|| {
            until("a queue that waits", || (ARMED.load(Ordering::Relaxed) > 0).then_some(()));
            send_to(&told);
        });
        assert_eq!(event.wait(Some(PATIENCE)).unwrap(), ringport::WaitOutcome::Fired);
    });
    drop((requests, event));
    assert_eq!(seen(), (vec![RIO_IOCP_COMPLETION], true));

    let port = CompletionPort::new(1).unwrap();
    let on_port = builder().on(&port, 7).unwrap();
    let served = socket();
    let requests = PortRequestQueue::new(&served, &on_port, &on_port, LIMITS, 0).unwrap();
    requests.receive(pool.take().unwrap(), 4).unwrap();
    assert_eq!(seen(), (vec![RIO_IOCP_COMPLETION], true));
    send_to(&served);
    // The system's packet is this thread's, and nobody has posted another.
    let Packet::Ready(mut ready) = port.wait(Some(PATIENCE)).unwrap() else { panic!("not of a queue") };
    assert_eq!((ready.dequeue(&mut completions), on_port.packets(), seen()), (1, 1, (vec![], false)));
    ready.notify();
    assert!(seen().1, "to re-arm is RIONotify");
}
