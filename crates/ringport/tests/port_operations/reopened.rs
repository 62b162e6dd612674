//! Files that were not opened for a port, as those of the standard library are not: the port opens them again.

use std::fs::File;
use std::os::windows::fs::OpenOptionsExt;
use std::path::PathBuf;

use ringport::BackendChoice;
use ringport::port::PortError;

use crate::common::on_each_backend;
use crate::setup::{error, next, nothing, port};

on_each_backend!(
    a_file_is_opened_again_with_the_same_rights,
    a_file_that_others_may_not_open_is_refused,
    a_pipe_is_refused,
);

/// What the system says to whoever lacks a right.
const ACCESS_DENIED: i32 = 5;

/// A file that is removed when the test ends.
struct Path(PathBuf);

impl Path {
    fn new(name: &str, choice: BackendChoice) -> Path {
        let name = format!("ringport-{name}-{choice}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, b"0123456789").unwrap();
        Path(path)
    }
}

impl Drop for Path {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn a_file_is_opened_again_with_the_same_rights(choice: BackendChoice) {
    let (port, path) = (port(choice), Path::new("rights", choice));
    let read = port.associate_file(File::open(&path.0).unwrap(), 1).unwrap();
    read.read_at(Vec::with_capacity(4), 3, 1).unwrap();
    assert_eq!(next(&port).received(), b"3456");
    // Whoever opened it may write to the file. The handle may not.
    read.write_at(b"lost".to_vec(), 0, 2).unwrap();
    assert_eq!(error(&next(&port)), Some(ACCESS_DENIED));
    let write = port.associate_file(File::options().write(true).open(&path.0).unwrap(), 2).unwrap();
    write.read_at(vec![0; 4], 0, 3).unwrap();
    assert_eq!(error(&next(&port)), Some(ACCESS_DENIED));
    write.write_at(b"kept".to_vec(), 0, 4).unwrap();
    assert_eq!(next(&port).result().unwrap(), 4);
    assert_eq!(std::fs::read(&path.0).unwrap(), b"kept456789");
    nothing(&port);
}

fn a_file_that_others_may_not_open_is_refused(choice: BackendChoice) {
    let (port, path) = (port(choice), Path::new("alone", choice));
    let alone = File::options().read(true).share_mode(0).open(&path.0).unwrap();
    let refused = port.associate_file(alone, 1).unwrap_err();
    assert!(matches!(refused, PortError::System { .. }), "{refused:?}");
    assert!(refused.to_string().contains("FILE_FLAG_OVERLAPPED"), "{refused}");
}

fn a_pipe_is_refused(choice: BackendChoice) {
    let (reader, _writer) = std::io::pipe().unwrap();
    let file = File::from(std::os::windows::io::OwnedHandle::from(reader));
    let refused = port(choice).associate_file(file, 1).unwrap_err();
    assert!(matches!(refused, PortError::System { .. }), "{refused:?}");
}
