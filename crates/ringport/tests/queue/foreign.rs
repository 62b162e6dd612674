//! Receives and sends in memory of the caller's own.

use ringport::{BackendChoice, ChainMut, Receive};

use crate::common::on_each_backend;
use crate::common::owned::Pages;
use crate::common::rig::{Rig, bytes, limits};

on_each_backend!(
    datagrams_land_in_the_callers_memory,
    addresses_come_all_the_same,
    both_kinds_of_memory_mix_on_one_socket,
    it_is_sent_from,
);

fn datagrams_land_in_the_callers_memory(choice: BackendChoice) {
    let pages = Pages::new(64 * 128);
    let mut rig = Rig::new(choice, limits(64, 1));
    rig.pool = pages.pool(128);
    assert_eq!((rig.pool.free(), rig.pool.headroom()), (64, 0));
    rig.post(0..64);
    for byte in 0..64u8 {
        rig.arrive(&vec![byte; usize::from(byte) * 3]);
    }
    for (byte, completion) in (0..64u8).zip(rig.take(64)) {
        let length = usize::from(byte) * 3;
        assert_eq!((completion.token(), completion.truncated()), (u64::from(byte), length > 128));
        assert_eq!(bytes(&completion), vec![byte; length.min(128)]);
    }
    assert_eq!(rig.pool.free(), 64);
    drop(rig);
}

fn addresses_come_all_the_same(choice: BackendChoice) {
    let pages = Pages::new(16 * 256);
    let mut rig = Rig::new(choice, limits(8, 1));
    rig.pool = pages.pool(256);
    rig.socket.packet_info(true).unwrap();
    for token in 0..8 {
        rig.requests.receive_from(rig.marked(token), token).unwrap();
    }
    (0..8).for_each(|byte| rig.arrive(&[byte; 200]));
    for (byte, completion) in (0..8u8).zip(rig.take(8)) {
        assert_eq!(bytes(&completion), [byte; 200]);
        assert_eq!(completion.peer(), Some(rig.client_address()));
        assert_eq!(completion.local(), Some(rig.address.ip()));
    }
    drop(rig);
}

fn both_kinds_of_memory_mix_on_one_socket(choice: BackendChoice) {
    let pages = Pages::new(64 * 256);
    let mut rig = Rig::new(choice, limits(32, 1));
    let own = pages.pool(256);
    for round in 0..4u8 {
        for token in 0..32u64 {
            let pool = if token % 2 == 0 { &own } else { &rig.pool };
            let options =
                if round > 0 && token % 3 == 0 { Receive::new().addresses() } else { Receive::new() };
            if round == 3 && token % 5 == 0 {
                let chain: ChainMut = [own.take().unwrap(), rig.marked(0)].into_iter().collect();
                rig.requests.receive_with(chain, options, token).unwrap();
            } else {
                rig.requests.receive_with(pool.take().unwrap(), options, token).unwrap();
            }
        }
        for token in 0..32u8 {
            rig.arrive(&[round ^ token; 100]);
        }
        for (token, completion) in (0..32u8).zip(rig.take(32)) {
            assert_eq!((completion.token(), completion.bytes()), (u64::from(token), 100));
            assert_eq!(completion.peer().is_some(), round > 0 && token % 3 == 0);
            if let Some(buffer) = completion.buffer() {
                assert_eq!(buffer[..], [round ^ token; 100]);
            }
        }
    }
    drop((own, rig));
}

fn it_is_sent_from(choice: BackendChoice) {
    let pages = Pages::new(4 * 64);
    let mut rig = Rig::new(choice, limits(1, 4));
    rig.pool = pages.pool(64);
    for token in 0..4 {
        rig.requests.send_to(rig.filled(&[token as u8; 64]), rig.client_address(), token).unwrap();
        assert_eq!(rig.reply(), [token as u8; 64]);
    }
    assert_eq!(rig.take(4).len(), 4);
    drop(rig);
}
