//! A handler that panics in the middle of a run: what was answered before leaves, once, and what was kept stays.

use std::sync::Mutex;
use std::sync::mpsc::channel;

use ringport::server::ServerError;

use crate::rig::offloaded;
use crate::source::{Source, can_run, pattern};
use crate::ways::ways;

const SIZE: usize = 100;

#[test]
fn what_was_answered_before_a_panic_in_the_same_run_leaves() {
    if !can_run() {
        return;
    }
    for way in ways() {
        // Answers that join, and such that do not: in place, shorter, behind the run, kept between.
        for scheme in [[1, 1, 1, 1, 1], [1, 2, 3, 2, 1], [3, 3, 3, 3, 3], [1, 4, 1, 4, 3], [4, 4, 4, 4, 4]] {
            let (give, taken) = channel();
            let server = offloaded(way, "127.0.0.1:0").threads(1).start(move |mut datagram| {
                let place = usize::from(datagram.payload()[0]);
                match scheme.get(place) {
                    Some(1) => datagram.reply(),
                    Some(2) => datagram.reply_len(SIZE - place).unwrap(),
                    Some(3) => {
                        datagram.slice_mut()[SIZE..2 * SIZE].fill(place as u8);
                        datagram.reply_len(2 * SIZE).unwrap();
                    }
                    Some(_) => give.send(datagram.keep()).unwrap(),
                    None => panic!("the sixth datagram"),
                }
            });
            let server = server.unwrap();
            let source = Source::new();
            let mut bytes = pattern(20 * SIZE, 0);
            bytes.chunks_mut(SIZE).zip(0..).for_each(|(datagram, place)| datagram[0] = place);
            source.run(&bytes, SIZE, server.local_addr());
            for (place, (action, datagram)) in scheme.iter().zip(bytes.chunks(SIZE)).enumerate() {
                let expected = match action {
                    1 => datagram.to_vec(),
                    2 => datagram[..SIZE - place].to_vec(),
                    3 => [datagram, &[place as u8; SIZE]].concat(),
                    _ => continue,
                };
                assert!(source.receive() == expected, "{way}, {scheme:?}: {place}");
            }
            let Err(ServerError::HandlerPanicked { message, .. }) = server.join() else {
                panic!("{way}: the panic was not told");
            };
            assert!(message.contains("the sixth datagram"), "{way}: {message}");
            assert!(source.is_empty(), "{way}, {scheme:?}: an answer too many");
            // The server is gone; its memory is there as long as somebody has a part of it.
            let kept = scheme.iter().zip(bytes.chunks(SIZE)).filter(|(action, _)| **action == 4);
            for (_, datagram) in kept {
                assert!(taken.recv().unwrap()[..] == *datagram, "{way}, {scheme:?}");
            }
            assert!(taken.recv().is_err(), "{way}");
        }
    }
}

#[test]
fn the_other_threads_go_on_with_the_rest_and_lose_no_slice() {
    if !can_run() {
        return;
    }
    // Only where threads share a socket is there somebody else to answer.
    for way in ways().into_iter().filter(|way| way.design.takes_threads() && !way.design.is_sharded()) {
        let server = way
            .server()
            .receive_offload(true)
            .pending(4)
            .threads(4)
            .concurrency(4)
            .max_results(1)
            .threshold(1);
        // A batch of one, so that no run behind the bomb is in the hands of the thread that ends.
        let sources = [(); 24].map(|()| Source::new());
        let (release, released) = channel::<()>();
        let released = Mutex::new(released);
        let server = server.start(move |datagram| {
            if datagram.payload()[0] == 9 {
                // What comes after the end has begun would not be handled.
                let _ = released.lock().unwrap().recv();
                panic!("the bomb went off");
            }
            datagram.reply();
        });
        let server = server.unwrap();
        for (number, source) in sources.iter().enumerate() {
            let mut bytes = pattern(10 * SIZE, number);
            bytes.chunks_mut(SIZE).for_each(|datagram| datagram[0] = 1);
            if number == 11 {
                bytes[4 * SIZE] = 9;
            }
            source.run(&bytes, SIZE, server.local_addr());
        }
        drop(release);
        assert!(matches!(server.join(), Err(ServerError::HandlerPanicked { .. })), "{way}");
        for (number, source) in sources.iter().enumerate() {
            let answers = if number == 11 { 4 } else { 10 };
            let mut bytes = pattern(10 * SIZE, number);
            bytes.chunks_mut(SIZE).for_each(|datagram| datagram[0] = 1);
            for expected in bytes.chunks(SIZE).take(answers) {
                assert!(source.receive() == expected, "{way}: {number}");
            }
            assert!(source.is_empty(), "{way}: {number}");
        }
    }
}
