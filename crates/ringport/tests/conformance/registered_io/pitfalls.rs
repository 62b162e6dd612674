//! The fifteen mistakes that users of Registered I/O make, and what they see here: the table. The tests are in
//! [`waking`], [`charging`] and [`ending`].

mod charging;
mod ending;
mod waking;

use charging::*;
use ending::*;
use waking::*;

use crate::framework::row::{Row, Table, by_type, row};

pub(super) const TABLE: Table = Table { name: "pitfalls", title: "Fifteen pitfalls", rows: ROWS };

const ROWS: &[Row] = &[
    row!(
        a_notification_brings_a_result,
        "1. A notification means that there is at least one result.",
        broken by "it comes for nothing",
    ),
    row!(
        no_wake_up_is_lost,
        "1. Whoever arms the queue while something completes is told, in hundreds of races.",
        broken by "one notification is forgotten",
    ),
    row!(
        arming_twice_is_refused,
        "2. Arming a queue that is armed is an error, and changes nothing.",
        broken by "the refusal is swallowed",
    ),
    row!(
        quota_is_free_at_dequeue,
        "3. A place is free again when its result is dequeued, and not when it completes.",
        broken by "it is free when the program was notified",
    ),
    by_type!(
        one_thread_at_a_time,
        "4. A request queue cannot be used by two threads at once.",
        "src/queue/by_type.rs",
        "A request queue stays on its thread, its committer may go",
    ),
    row!(
        deferred_requests_hold_quota,
        "5. A deferred request holds its place.",
        broken by "it is not charged",
    ),
    row!(
        a_commit_works_on_a_full_queue,
        "5. A commit works when the queue is full.",
        broken by "it is ignored",
    ),
    row!(
        places_come_back_with_the_last_dequeue,
        "6. The places of a closed request queue are free when its last result was dequeued.",
        broken by "they are free at once",
    ),
    row!(
        a_socket_can_be_used_again,
        "6. After its request queue was closed, a socket can have a new one.",
        broken by "it is taken for good",
    ),
    row!(
        dropping_in_any_order_is_safe,
        "7. Pool, socket and queues can be dropped in any order, with requests outstanding: all slices return and the socket closes.",
        broken by "slices of results that nobody took are kept",
    ),
    row!(
        an_accepted_socket_is_served,
        "8. An accepted connection can be used with registered I/O like any other.",
        broken by "it is refused",
    ),
    row!(
        plain_operations_do_not_mix_in,
        "8. A socket with a request queue cannot be associated with a port for plain operations.",
        broken by "the refusal is swallowed",
    ),
    row!(
    addresses_live_as_long_as_their_request,
    "9. Destination and control data of a request may be gone before it runs.",
    broken by "a deferred send forgets its control data",
        not under wine: "it ignores the source that a send names",
    ),
    by_type!(
        a_buffer_in_flight_is_out_of_reach,
        "10. A buffer in flight can be neither written nor posted a second time.",
        "src/queue/by_type.rs",
        "A buffer in flight can be neither posted again nor written",
    ),
    row!(
        cut_datagrams_say_so,
        "11. A datagram larger than its slices completes as truncated, with the bytes that were delivered.",
        broken by "the status says success",
    ),
    row!(
    an_unreachable_peer_harms_no_receive,
    "12. The answer that a port is unreachable is counted, and the receive stays posted.",
    broken by "a receive fails with it",
        not on windows: "the answer is switched off there and never told; `tests/queue/unreachable.rs` looks at the receive",
    ),
    row!(
        cancelled_requests_are_aborted_once,
        "13. A cancelled request completes as aborted, once.",
        broken by "one of them completes twice",
    ),
    row!(
        arming_a_queue_with_results_fires_at_once,
        "14. Arming a queue that has results fires at once.",
        broken by "it does not fire",
    ),
    row!(
        results_of_a_packet_are_capped,
        "14. A queue on a port brings so many results with each packet as was set, so a busy one cannot keep a thread.",
        broken by "it brings all it has",
    ),
    row!(
        batches_are_as_large_as_asked_for,
        "15. A thread takes as many packets at once as it asks for at most.",
        broken by "it gets twice as many",
    ),
];
