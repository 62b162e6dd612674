//! Files that the system does not let be read, or written: the packet carries its error.
//!
//! On Linux only: elsewhere the operation is not even started.

use ringport::BackendChoice;

use crate::common::on_each_backend;
use crate::setup::{error, next, nothing, port};

on_each_backend!(a_read_that_the_system_refuses_posts_its_error);

fn a_read_that_the_system_refuses_posts_its_error(choice: BackendChoice) {
    let port = port(choice);
    let writable = std::fs::File::options().write(true).open("/dev/null").unwrap();
    let associated = port.associate_file(writable, 4).unwrap();
    associated.read_at(vec![0; 8], 0, 1).unwrap();
    let done = next(&port);
    assert_eq!((error(&done), done.context()), (Some(libc::EBADF), 1));
    assert_eq!(done.into_vec().unwrap().capacity(), 8);
    let readable = std::fs::File::open("/dev/null").unwrap();
    let associated = port.associate_file(readable, 4).unwrap();
    associated.write_at(b"text".to_vec(), 0, 2).unwrap();
    let done = next(&port);
    assert_eq!((error(&done), done.into_vec().unwrap()), (Some(libc::EBADF), b"text".to_vec()));
    nothing(&port);
}
