//! Files: read and written at an offset that the operation names.

use ringport::port::OperationKind;
use ringport::{BackendChoice, Packet};

use crate::common::system::{EINVAL, read_at};
use crate::common::{PATIENCE, on_each_backend};
use crate::setup::{error, file, is_end, next, nothing, pool, port, socket, sorted};

on_each_backend!(
    a_file_is_read_at_the_offset_of_the_operation,
    a_file_is_written_at_the_offset_of_the_operation,
    the_end_of_a_file_is_a_result_of_its_own,
    an_offset_that_no_file_has_is_refused,
    many_operations_are_outstanding_on_one_file,
    a_file_and_a_socket_on_one_port_are_told_apart_by_key,
);

fn a_file_is_read_at_the_offset_of_the_operation(choice: BackendChoice) {
    let (port, pool) = (port(choice), pool());
    let associated = port.associate_file(file(b"0123456789"), 4).unwrap();
    associated.read_at(Vec::with_capacity(3), 2, 1).unwrap();
    associated.read_at(pool.take().unwrap(), 6, 2).unwrap();
    associated.read_at(vec![7; 20].into_boxed_slice(), 9, 3).unwrap();
    for done in sorted(&port, 3) {
        assert_eq!((done.key(), done.kind()), (4, OperationKind::Read));
        let expected: &[u8] = match done.context() {
            1 => b"234",
            2 => b"6789",
            _ => b"9",
        };
        assert_eq!((done.received(), done.result().unwrap()), (expected, expected.len()));
    }
    nothing(&port);
}

fn a_file_is_written_at_the_offset_of_the_operation(choice: BackendChoice) {
    let (port, pool) = (port(choice), pool());
    let file = file(b"0123456789");
    let same = file.try_clone().unwrap();
    let associated = port.associate_file(file, 4).unwrap();
    associated.write_at(b"ab".to_vec(), 1, 1).unwrap();
    associated.write_at(pool.take_with(b"cde").unwrap().freeze(), 7, 2).unwrap();
    associated.write_at(pool.take_with(b"far").unwrap(), 15, 3).unwrap();
    for done in sorted(&port, 3) {
        let expected = if done.context() == 1 { 2 } else { 3 };
        assert_eq!((done.kind(), done.result().unwrap()), (OperationKind::Write, expected));
    }
    let mut bytes = [1; 18];
    read_at(&same, &mut bytes, 0);
    assert_eq!(&bytes, b"0ab3456cde\0\0\0\0\0far");
}

fn the_end_of_a_file_is_a_result_of_its_own(choice: BackendChoice) {
    let port = port(choice);
    let associated = port.associate_file(file(b"0123456789"), 4).unwrap();
    for offset in [10, 11, 1 << 40] {
        associated.read_at(vec![0; 8], offset, offset).unwrap();
        let done = next(&port);
        assert!(is_end(&done) && done.bytes() == 0 && done.context() == offset, "{done:?}");
    }
    // Nothing was asked for, so nothing is no end.
    associated.read_at(Vec::new(), 10, 1).unwrap();
    assert_eq!(next(&port).result().unwrap(), 0);
}

fn many_operations_are_outstanding_on_one_file(choice: BackendChoice) {
    let port = port(choice);
    let associated = port.associate_file(file(b""), 4).unwrap();
    for number in 0..500u64 {
        associated.write_at(number.to_le_bytes().to_vec(), number * 8, number).unwrap();
    }
    assert_eq!(sorted(&port, 500).iter().map(|done| done.result().unwrap()).sum::<usize>(), 4000);
    for number in 0..500 {
        associated.read_at(Vec::with_capacity(8), number * 8, number).unwrap();
    }
    for (number, done) in sorted(&port, 500).iter().enumerate() {
        assert_eq!((done.context(), done.received()), (number as u64, &(number as u64).to_le_bytes()[..]));
    }
    assert_eq!(associated.outstanding(), 0);
    nothing(&port);
}

fn a_file_and_a_socket_on_one_port_are_told_apart_by_key(choice: BackendChoice) {
    let (port, socket) = (port(choice), socket());
    let read = port.associate_file(file(b"of the file"), 1).unwrap();
    let received = port.associate_udp(&socket, 2).unwrap();
    received.receive(Vec::with_capacity(100), 7).unwrap();
    read.read_at(Vec::with_capacity(100), 0, 7).unwrap();
    port.post(3, 7).unwrap();
    let plain = socket.to_std().unwrap();
    plain.send_to(b"of the socket", socket.local_addr().unwrap()).unwrap();
    let mut keys = Vec::new();
    for _ in 0..3 {
        keys.push(match port.wait(Some(PATIENCE)).unwrap() {
            Packet::Posted { key, value: 7 } => key,
            Packet::Operation(done) => {
                let expected: &[u8] = if done.key() == 1 { b"of the file" } else { b"of the socket" };
                assert_eq!((done.received(), done.context()), (expected, 7));
                done.key()
            }
            other => panic!("{other:?}"),
        });
    }
    keys.sort_unstable();
    assert_eq!(keys, [1, 2, 3]);
}

fn an_offset_that_no_file_has_is_refused(choice: BackendChoice) {
    let port = port(choice);
    let file = file(b"untouched");
    let same = file.try_clone().unwrap();
    let associated = port.associate_file(file, 4).unwrap();
    for offset in [u64::MAX, u64::MAX - 1, 1 << 63] {
        associated.write_at(b"lost".to_vec(), offset, 1).unwrap();
        assert_eq!(error(&next(&port)), Some(EINVAL), "written at {offset}");
        associated.read_at(vec![0; 4], offset, 2).unwrap();
        assert_eq!(error(&next(&port)), Some(EINVAL), "read at {offset}");
    }
    let mut bytes = [0; 9];
    read_at(&same, &mut bytes, 0);
    assert_eq!((&bytes, same.metadata().unwrap().len()), (b"untouched", 9));
}
