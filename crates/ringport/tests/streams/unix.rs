//! Connections of Unix sockets, which the library takes as those of TCP.

use std::os::unix::net::{UnixListener, UnixStream};

use ringport::{BackendChoice, RequestQueue, StreamListener};

use crate::accepting::ACCEPTS;
use crate::common::on_each_backend;
use crate::rig::{LIMITS, pool, queue, take};

on_each_backend!(unix_sockets_work_the_same);

fn unix_sockets_work_the_same(choice: BackendChoice) {
    use std::io::Write;
    let directory = std::env::temp_dir().join(format!("ringport-{}-{choice:?}", std::process::id()));
    let _ = std::fs::remove_file(&directory);
    let listener = StreamListener::from(UnixListener::bind(&directory).unwrap());
    let (mut queue, pool) = (queue(choice), pool(8));
    let accepts = RequestQueue::new(&listener, &queue, &queue, ACCEPTS, 7).unwrap();
    accepts.accept(0).unwrap();
    let mut client = UnixStream::connect(&directory).unwrap();
    std::fs::remove_file(&directory).unwrap();
    let socket = take(&mut queue, 1).remove(0).into_stream().unwrap();
    let requests = RequestQueue::new(&socket, &queue, &queue, LIMITS, 8).unwrap();
    requests.receive(pool.take().unwrap(), 1).unwrap();
    client.write_all(b"hello").unwrap();
    assert_eq!(take(&mut queue, 1)[0].bytes(), 5);
}
