//! No descriptor left: operations that need one fail with typed errors, and all is well afterwards.
//!
//! On Linux only: it takes a limit on the descriptors of a process.

use std::net::{TcpListener, TcpStream};

use ringport::BackendChoice;
use ringport::net::Domain;

use crate::common::on_each_backend;
use crate::common::system::allow;
use crate::setup::{error, file, next, port};

fn running_out_of_descriptors(choice: BackendChoice) {
    let port = port(choice);
    let listener = port.associate_listener(TcpListener::bind("127.0.0.1:0").unwrap(), 1).unwrap();
    let address = listener.local_addr().unwrap();
    let read = port.associate_file(file(b"text"), 2).unwrap();
    listener.accept(1).unwrap();
    let taken = allow(1);
    let client = TcpStream::connect(address).unwrap();
    // The accept that waits has no descriptor for its connection.
    let done = next(&port);
    assert_eq!((error(&done), done.context()), (Some(libc::EMFILE), 1));
    let refused = port.stream(Domain::V4, 3).unwrap_err();
    assert!(refused.to_string().contains("ulimit -n"), "{refused}");
    // What exists works on.
    read.read_at(Vec::with_capacity(8), 0, 2).unwrap();
    assert_eq!(next(&port).received(), b"text");
    drop(taken);
    listener.accept(3).unwrap();
    let done = next(&port);
    assert_eq!(done.peer(), Some(client.local_addr().unwrap()));
}

on_each_backend!(by crate::common::in_a_child: running_out_of_descriptors);
