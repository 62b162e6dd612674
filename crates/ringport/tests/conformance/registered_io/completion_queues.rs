//! Making, resizing and closing completion queues.

use ringport::queue::QueueError;

use crate::World;
use crate::framework::row::{Table, by_type, row};
use crate::rig::Queue;

pub(super) const TABLE: Table = Table {
    name: "completion_queues",
    title: "Completion queues",
    rows: &[
        row!(
            sizes_out_of_range_are_refused,
            "A size below 1 or above 0x8000000 is refused with the range.",
            broken by "a queue of one place is made instead",
        ),
        by_type!(
            a_closed_queue_cannot_be_used,
            "Nobody can do anything with a queue that was closed.",
            "src/queue/by_type.rs",
            "A closed queue cannot be used",
        ),
    ],
};

fn sizes_out_of_range_are_refused(world: &World) {
    for size in [0, 0x800_0001] {
        let refused = Queue::event(world, size).err().expect("a queue of an impossible size was made");
        assert!(matches!(refused, QueueError::InvalidSize { asked, .. } if asked == size), "{refused}");
    }
}
