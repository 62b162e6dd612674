//! What the backends put before a payload, and the uses the figures tell apart.

use super::small_pool;
use crate::memory::HasHeader;
use crate::memory::{BufferMut, CONTROL_OFFSET, NAME_OFFSET, Received, Use};

#[test]
fn address_and_control_data_are_found_where_they_were_put() {
    let pool = small_pool(4, 1);
    let mut buffer = pool.take().unwrap();
    assert_eq!((buffer.headroom(), buffer.control_capacity()), (192, 144));
    // SAFETY: all three ranges are inside the slice this test owns.
    unsafe {
        let base = buffer.payload_ptr().sub(buffer.headroom() as usize);
        base.add(NAME_OFFSET).write_bytes(7, 16);
        base.add(CONTROL_OFFSET).write_bytes(8, 24);
        buffer.payload_ptr().write_bytes(9, 5);
    }
    let received = Received { name_len: 16, control_len: 24, flags: 3 };
    buffer.set_received(5, received);
    assert_eq!(buffer.received(), received);
    assert_eq!((buffer.name_bytes(), buffer.control_bytes()), (&[7; 16][..], &[8; 24][..]));
    assert_eq!(&buffer[..], &[9; 5]);
    buffer.set_received(u32::MAX, Received { name_len: 255, control_len: u16::MAX, flags: 0 });
    assert_eq!((buffer.len(), buffer.name_bytes().len(), buffer.control_bytes().len()), (64, 32, 144));
    drop(buffer);
    assert_eq!(pool.take().unwrap().received(), Received::default(), "a new holder sees nothing of the old");
}

#[test]
fn figures_tell_receiving_from_sending() {
    let pool = small_pool(4, 1);
    let (receiving, sending, held) = (pool.take().unwrap(), pool.take().unwrap(), pool.take().unwrap());
    receiving.set_use(Use::Receiving);
    let shared = sending.freeze();
    let other = shared.clone();
    shared.begin_send();
    other.begin_send();
    let figures = pool.figures();
    assert_eq!((figures.used, figures.receiving, figures.sending), (3, 1, 1));
    shared.end_send();
    assert_eq!(pool.figures().sending, 1, "one send is still outstanding");
    other.end_send();
    receiving.set_use(Use::Held);
    let figures = pool.figures();
    assert_eq!((figures.used, figures.receiving, figures.sending), (3, 0, 0));
    held.set_use(Use::Sending);
    assert_eq!(pool.figures().sending, 1);
    drop((receiving, shared, other, held));
    assert_eq!((pool.figures().used, pool.figures().sending), (0, 0));
}

#[test]
fn handles_are_small() {
    assert_eq!((size_of::<BufferMut>(), size_of::<crate::Buffer>()), (8, 16));
}
