//! A send that is larger than may be sent fails by itself, also on a port.

use ringport::queue::OperationError;
use ringport::{BackendChoice, Send, Status};

use crate::common::on_each_backend;
use crate::common::rig::{limits, pool};
use crate::common::system::EMSGSIZE;
use crate::rig::Rig;

on_each_backend!(it_is_told_and_the_others_leave);

/// One more than a datagram of IPv4 has at most.
const TOO_MANY: usize = 65_508;

fn it_is_told_and_the_others_leave(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(2, 8));
    rig.pool = pool(65_536, 16);
    rig.post(0..2);
    let lengths = [50, TOO_MANY, 50, 50, TOO_MANY];
    for round in 0..3 {
        for (token, length) in (10..).zip(lengths) {
            let later = Send::new().to(rig.client_address()).defer();
            rig.requests.send_with(rig.filled(&vec![round; length]), later, token).unwrap();
        }
        rig.requests.commit();
        for ((token, length), completion) in (10..).zip(lengths).zip(rig.take(lengths.len())) {
            assert_eq!(completion.token(), token);
            if length == TOO_MANY {
                assert_eq!(completion.status(), Status::Failed(EMSGSIZE));
                let told = completion.result();
                assert!(matches!(told, Err(OperationError::TooLarge { asked: TOO_MANY })), "{told:?}");
                assert_eq!(completion.into_unique().unwrap()[..], vec![round; TOO_MANY]);
            } else {
                assert_eq!(completion.result().unwrap(), length);
                assert_eq!(rig.reply(), vec![round; length]);
            }
        }
    }
    rig.arrive(b"still there");
    assert_eq!(rig.take_one().result().unwrap(), 11);
}
