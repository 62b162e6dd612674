//! A connection whose two ends cut the stream wherever they like.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use super::*;
use proptest::prelude::*;

fn plan(payload: usize, outstanding: Option<u64>) -> Plan {
    Plan {
        target: SocketAddr::from((Ipv4Addr::LOCALHOST, 9)),
        address: String::new(),
        messages: 1,
        duration: None,
        payload,
        rate: None,
        connections: 1,
        outstanding,
        echo: true,
        timeout: Duration::from_secs(1),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_message_is_answered_once_however_the_stream_is_cut(
        payload in 1usize..200,
        count in 1u64..40,
        outstanding in proptest::option::of(1u64..5),
        cuts in prop::collection::vec(1usize..300, 1..20),
        flipped in proptest::option::of(0usize..8_000),
    ) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut far = listener.accept().unwrap().0;
        let plan = plan(payload, outstanding);
        let mut connection = Connection::new(crate::sys::watch::stream(near.into()), 3, 0);
        (0..count).for_each(|number| connection.plan(Message { sequence: number, start: number * 10 }, 0));
        let (mut starts, mut damaged, mut offset) = (Vec::new(), 0, 0);
        let (mut chunk, mut cuts) = (vec![0; 301], cuts.iter().cycle());
        while connection.queued() > 0 {
            let wrote = connection.write(&plan, &mut chunk, 1).unwrap();
            prop_assert!(!wrote.blocked);
            let mut bytes = vec![0; wrote.messages as usize * payload];
            far.read_exact(&mut bytes).unwrap();
            for byte in &mut bytes {
                *byte ^= u8::from(flipped == Some(offset));
                offset += 1;
            }
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                let (piece, later) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
                let many = connection.take(&plan, piece, 2, |start, whole| {
                    starts.push(start);
                    damaged += u64::from(!whole);
                });
                prop_assert_eq!(many, 0);
                rest = later;
            }
        }
        prop_assert_eq!(starts, (0..count).map(|number| number * 10).collect::<Vec<_>>());
        let hit = flipped.is_some_and(|place| place < count as usize * payload);
        prop_assert_eq!(damaged, u64::from(hit));
        prop_assert_eq!(connection.take(&plan, &[1, 2, 3], 3, |_, _| ()), 3, "nothing is owed");
    }
}
