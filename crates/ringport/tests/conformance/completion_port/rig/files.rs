//! A file on a port.

use std::fs::File;
use std::sync::atomic::{AtomicU32, Ordering};

use ringport::port::PortFile;

use super::Port;
use crate::World;
use crate::system::file_for_a_port;

/// See the module.
pub(in crate::completion_port) struct Files {
    world: World,
    inner: PortFile,
}

/// A file with these bytes, to read and write, that is gone when it is closed.
fn file(bytes: &[u8]) -> File {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("ringport-row-{}-{number}", std::process::id()));
    file_for_a_port(&path, bytes)
}

impl Files {
    /// A file with these bytes in it.
    pub(in crate::completion_port) fn new(port: &Port, bytes: &[u8]) -> Files {
        let inner = port.inner.associate_file(file(bytes), 4).unwrap();
        Files { world: port.world.clone(), inner }
    }

    fn place(&self, offset: u64) -> u64 {
        let ignored = offset < 10
            && self.world.breaks("completion_port::operations::a_file_is_used_at_the_offset_named");
        if ignored { 0 } else { offset }
    }

    pub(in crate::completion_port) fn read_at(&self, bytes: usize, offset: u64, context: u64) {
        self.inner.read_at(vec![0; bytes], self.place(offset), context).unwrap();
    }

    pub(in crate::completion_port) fn write_at(&self, bytes: &[u8], offset: u64, context: u64) {
        self.inner.write_at(bytes.to_vec(), self.place(offset), context).unwrap();
    }
}
