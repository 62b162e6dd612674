//! Losses, and the first step of an orderly stop.

use crate::loopback::{offered, receive, ways};
use crate::until::until;

#[test]
fn what_is_queued_stays_readable_and_nothing_new_comes_in() {
    for way in ways() {
        let client = way.client.to_std().unwrap();
        for number in 0..3u8 {
            client.send_to(&[number], way.target).unwrap();
        }
        if !offered(way.server.refuse_new_datagrams()) {
            continue;
        }
        let before = way.server.drops().unwrap();
        for _ in 0..5 {
            client.send_to(b"too late", way.target).unwrap();
        }
        // What the socket refuses it counts, so this waits for the last to have come to it.
        until("the refused datagrams are counted", || {
            (way.server.drops().unwrap().wrapping_sub(before) >= 5).then_some(())
        });
        for number in 0..3u8 {
            assert_eq!(receive(&way.server).bytes, [number], "{}", way.name);
        }
        let server = way.server.to_std().unwrap();
        server.set_nonblocking(true).unwrap();
        assert_eq!(
            server.recv(&mut [0; 16]).unwrap_err().kind(),
            std::io::ErrorKind::WouldBlock,
            "{}",
            way.name
        );
        // It can still send: what was promised is answered.
        server.set_nonblocking(false).unwrap();
        server.send_to(b"answer", way.client.local_addr().unwrap()).unwrap();
        assert_eq!(receive(&way.client).bytes, b"answer", "{}", way.name);
    }
}

#[test]
fn what_finds_no_room_is_counted() {
    for way in ways() {
        if !offered(way.server.drops().map(|drops| assert_eq!(drops, 0, "{}", way.name))) {
            continue;
        }
        way.server.set_receive_buffer(4096).unwrap();
        let client = way.client.to_std().unwrap();
        let server = way.server.to_std().unwrap();
        server.set_nonblocking(true).unwrap();
        const SENT: usize = 200;
        for _ in 0..SENT {
            client.send_to(&[0; 1024], way.target).unwrap();
        }
        let mut received = 0;
        until("each datagram is received or counted", || {
            received += usize::from(server.recv(&mut [0; 2048]).is_ok());
            (received + way.server.drops().unwrap() as usize >= SENT).then_some(())
        });
        assert_eq!(received + way.server.drops().unwrap() as usize, SENT, "{}", way.name);
        assert!(way.server.drops().unwrap() > 0, "{}", way.name);
    }
}
