//! Rules that the types carry: each is shown by a program that does not compile, next to one that differs
//! only in keeping the rule and does.
//!
//! # A completion queue stays on its thread
//! ```
//! let queue = ringport::CompletionQueue::builder(16).polled().unwrap();
//! std::thread::scope(|_| drop(queue));
//! ```
//! ```compile_fail,E0277
//! let queue = ringport::CompletionQueue::builder(16).polled().unwrap();
//! std::thread::scope(|scope| { scope.spawn(move || drop(queue)); });
//! ```
//! Nor can another thread look at it:
//! ```compile_fail,E0277
//! let queue = ringport::CompletionQueue::builder(16).polled().unwrap();
//! std::thread::scope(|scope| { scope.spawn(|| queue.size()); });
//! ```
//!
//! # A request queue stays on its thread, its committer may go
//! ```
//! # use ringport::{CompletionQueue, Limits, RequestQueue, UdpSocket};
//! # let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
//! # let queue = CompletionQueue::builder(16).polled().unwrap();
//! # let limits = Limits { receives: 1, receive_buffers: 1, sends: 1, send_buffers: 1 };
//! let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0).unwrap();
//! let committer = requests.committer().unwrap();
//! std::thread::scope(|scope| { scope.spawn(move || committer.commit()); });
//! ```
//! ```compile_fail,E0277
//! # use ringport::{CompletionQueue, Limits, RequestQueue, UdpSocket};
//! # let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
//! # let queue = CompletionQueue::builder(16).polled().unwrap();
//! # let limits = Limits { receives: 1, receive_buffers: 1, sends: 1, send_buffers: 1 };
//! let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0).unwrap();
//! std::thread::scope(|scope| { scope.spawn(move || requests.commit()); });
//! ```
//! ```compile_fail,E0277
//! # use ringport::{CompletionQueue, Limits, RequestQueue, UdpSocket};
//! # let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
//! # let queue = CompletionQueue::builder(16).polled().unwrap();
//! # let limits = Limits { receives: 1, receive_buffers: 1, sends: 1, send_buffers: 1 };
//! let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0).unwrap();
//! std::thread::scope(|scope| { scope.spawn(|| requests.commit()); });
//! ```
//!
//! # A request queue serves sockets
//! ```
//! # use ringport::{CompletionQueue, Limits, RequestQueue, UdpSocket};
//! # let queue = CompletionQueue::builder(16).polled().unwrap();
//! # let limits = Limits { receives: 1, receive_buffers: 1, sends: 1, send_buffers: 1 };
//! let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
//! let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0).unwrap();
//! ```
//! ```compile_fail,E0277
//! # use ringport::{CompletionQueue, Limits, RequestQueue, UdpSocket};
//! # let queue = CompletionQueue::builder(16).polled().unwrap();
//! # let limits = Limits { receives: 1, receive_buffers: 1, sends: 1, send_buffers: 1 };
//! let socket = std::fs::File::open("/dev/null").unwrap();
//! let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0).unwrap();
//! ```
//!
//! # A unique buffer has one owner, a shared one many
//! ```
//! # let pool = ringport::BufferPool::builder().slices_per_region(4).build().unwrap();
//! let buffer = pool.take().unwrap().freeze();
//! let second = buffer.clone();
//! ```
//! ```compile_fail,E0599
//! # let pool = ringport::BufferPool::builder().slices_per_region(4).build().unwrap();
//! let buffer = pool.take().unwrap();
//! let second = buffer.clone();
//! ```
//!
//! # A buffer in flight can be neither posted again nor written
//! ```
//! # use ringport::{BufferPool, CompletionQueue, Limits, RequestQueue, UdpSocket};
//! # let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
//! # let pool = BufferPool::builder().slices_per_region(4).build().unwrap();
//! # let queue = CompletionQueue::builder(16).polled().unwrap();
//! # let limits = Limits { receives: 2, receive_buffers: 1, sends: 2, send_buffers: 1 };
//! # let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0).unwrap();
//! let (first, second) = (pool.take().unwrap(), pool.take().unwrap());
//! requests.receive(first, 1).unwrap();
//! requests.receive(second, 2).unwrap();
//! ```
//! ```compile_fail,E0382
//! # use ringport::{BufferPool, CompletionQueue, Limits, RequestQueue, UdpSocket};
//! # let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
//! # let pool = BufferPool::builder().slices_per_region(4).build().unwrap();
//! # let queue = CompletionQueue::builder(16).polled().unwrap();
//! # let limits = Limits { receives: 2, receive_buffers: 1, sends: 2, send_buffers: 1 };
//! # let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0).unwrap();
//! let first = pool.take().unwrap();
//! requests.receive(first, 1).unwrap();
//! requests.receive(first, 2).unwrap();
//! ```
//! ```compile_fail,E0382
//! # use ringport::{BufferPool, CompletionQueue, Limits, RequestQueue, UdpSocket};
//! # let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
//! # let pool = BufferPool::builder().slices_per_region(4).build().unwrap();
//! # let queue = CompletionQueue::builder(16).polled().unwrap();
//! # let limits = Limits { receives: 2, receive_buffers: 1, sends: 2, send_buffers: 1 };
//! # let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0).unwrap();
//! let mut first = pool.take().unwrap();
//! requests.receive(first, 1).unwrap();
//! first.clear();
//! ```
//!
//! # The kernel writes into unique buffers only
//! ```compile_fail,E0277
//! # use ringport::{BufferPool, CompletionQueue, Limits, RequestQueue, UdpSocket};
//! # let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
//! # let pool = BufferPool::builder().slices_per_region(4).build().unwrap();
//! # let queue = CompletionQueue::builder(16).polled().unwrap();
//! # let limits = Limits { receives: 2, receive_buffers: 1, sends: 2, send_buffers: 1 };
//! # let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0).unwrap();
//! requests.receive(pool.take().unwrap().freeze(), 1).unwrap();
//! ```
//!
//! # A commit takes nothing
//! ```
//! # use ringport::{BufferPool, CompletionQueue, Limits, RequestQueue, UdpSocket};
//! # let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
//! # let pool = BufferPool::builder().slices_per_region(4).build().unwrap();
//! # let queue = CompletionQueue::builder(16).polled().unwrap();
//! # let limits = Limits { receives: 2, receive_buffers: 1, sends: 2, send_buffers: 1 };
//! # let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0).unwrap();
//! requests.commit();
//! ```
//! ```compile_fail,E0061
//! # use ringport::{BufferPool, CompletionQueue, Limits, RequestQueue, UdpSocket};
//! # let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
//! # let pool = BufferPool::builder().slices_per_region(4).build().unwrap();
//! # let queue = CompletionQueue::builder(16).polled().unwrap();
//! # let limits = Limits { receives: 2, receive_buffers: 1, sends: 2, send_buffers: 1 };
//! # let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0).unwrap();
//! requests.commit(pool.take().unwrap());
//! ```
//!
//! # A send cannot wait for all
//! ```
//! let receive = ringport::Receive::new().wait_all();
//! ```
//! ```compile_fail,E0599
//! let send = ringport::Send::new().wait_all();
//! ```
//!
//! # A polled queue has no notification
//! ```
//! let mut queue = ringport::CompletionQueue::builder(16).event().unwrap();
//! queue.notify().unwrap();
//! ```
//! ```compile_fail,E0599
//! let mut queue = ringport::CompletionQueue::builder(16).polled().unwrap();
//! queue.notify().unwrap();
//! ```
//!
//! # A closed queue cannot be used
//! ```compile_fail,E0382
//! let mut queue = ringport::CompletionQueue::builder(16).event().unwrap();
//! queue.close();
//! queue.notify().unwrap();
//! ```
//!
//! # A queue on a port is drained through the right that its packet brings
//! ```
//! # use ringport::{Completions, Ready};
//! fn drain(mut ready: Ready, completions: &mut Completions) {
//!     ready.dequeue(completions);
//!     ready.notify();
//! }
//! ```
//! The queue itself cannot be dequeued from:
//! ```compile_fail,E0599
//! # use ringport::{CompletionPort, CompletionQueue, Completions};
//! let port = CompletionPort::new(1).unwrap();
//! let queue = CompletionQueue::builder(16).on(&port, 1).unwrap();
//! queue.dequeue(&mut Completions::with_capacity(16));
//! ```
//! Nobody drains after re-arming:
//! ```compile_fail,E0382
//! # use ringport::{Completions, Ready};
//! fn drain(mut ready: Ready, completions: &mut Completions) {
//!     ready.notify();
//!     ready.dequeue(completions);
//! }
//! ```
//! And there is one right, not two:
//! ```compile_fail,E0599
//! # use ringport::Ready;
//! fn double(ready: Ready) -> (Ready, Ready) {
//!     (ready.clone(), ready)
//! }
//! ```
