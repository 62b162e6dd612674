//! What a handler sees and answers.

use crate::ways::{client, next, ways};

#[test]
fn every_design_echoes_on_every_backend() {
    for way in ways() {
        let server = way.start(|datagram| datagram.reply());
        let client = client();
        for round in 0..300u32 {
            client.send_to(&round.to_ne_bytes(), server.local_addr()).unwrap();
            assert_eq!(next(&client), (round.to_ne_bytes().to_vec(), server.local_addr()), "{way}");
        }
        let report = server.stop().unwrap();
        let total = &report.counters.total;
        assert_eq!((total.datagrams, total.bytes), (300, 1200), "{way}");
        assert_eq!(
            (total.replies_promised, total.replies_sent, total.replies_dropped),
            (300, 300, 0),
            "{way}"
        );
        assert_eq!(report.backend.is_some(), way.design.has_backend(), "{way}");
    }
}

#[test]
fn bursts_larger_than_the_receives_posted_are_all_answered() {
    for way in ways() {
        let server = way.start(|datagram| datagram.reply());
        let client = client();
        // Few enough for the receive buffer of a client, many more than a server has posted.
        const BURST: u32 = 200;
        for number in 0..BURST {
            client.send_to(&number.to_ne_bytes(), server.local_addr()).unwrap();
        }
        let mut answers: Vec<_> = (0..BURST).map(|_| next(&client).0).collect();
        answers.sort_by_key(|bytes| u32::from_ne_bytes(bytes[..].try_into().unwrap()));
        for (number, answer) in (0..BURST).zip(answers) {
            assert_eq!(answer, number.to_ne_bytes(), "{way}");
        }
        assert_eq!(server.stop().unwrap().counters.total.replies_sent, u64::from(BURST), "{way}");
    }
}
