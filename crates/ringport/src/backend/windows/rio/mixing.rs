//! Overlapped calls on a socket that has a request queue.
//!
//! What is documented of such a socket is that it has options, control calls, and an end; of receives and sends beside its
//! request queue nothing is said. They are made for want of better where a socket has its request queue in another
//! completion queue, for it gets one only. Where the system refuses them, that is told, and nobody waits.

use crate::backend::contract::Status;
use crate::backend::sys::errno::{EINVAL, EOPNOTSUPP};
use crate::backend::windows::carrier::{Begun, Outcome};
use crate::notice;

/// Where no receive is taken without memory, nothing is waited for: a receive takes its slice at once.
pub(super) fn may_have_bytes(begun: Begun) -> Begun {
    if was_refused(&begun) { Begun::Done(Outcome::of(Status::Success)) } else { begun }
}

/// How a call began, of a socket without a request queue of ours. `is_mixed`: it may have one elsewhere.
#[inline]
pub(super) fn explained(begun: Begun, is_receive: bool, is_mixed: impl FnOnce() -> bool) -> Begun {
    if !was_refused(&begun) || !is_mixed() {
        return begun;
    }
    notice::say(
        "the system takes no overlapped calls on a socket that has its request queue in another completion queue: keep \
         the first completion queue, open another socket, or take the backend \"overlapped\"",
    );
    // There is nothing wrong with the arguments of a receive.
    if is_receive { Begun::Done(Outcome::of(Status::Failed(EOPNOTSUPP))) } else { begun }
}

#[inline]
fn was_refused(begun: &Begun) -> bool {
    matches!(begun, Begun::Done(Outcome { status: Status::Failed(EINVAL | EOPNOTSUPP), .. }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_refused_is_told_in_other_words() {
        let failed = |error| Begun::Done(Outcome::of(Status::Failed(error)));
        let status = |begun| match begun {
            Begun::Done(outcome) => outcome.status,
            Begun::Pending => panic!("it was refused"),
        };
        assert_eq!(status(explained(failed(EINVAL), true, || true)), Status::Failed(EOPNOTSUPP));
        assert_eq!(status(explained(failed(EINVAL), false, || true)), Status::Failed(EINVAL));
        assert_eq!(status(explained(failed(EINVAL), true, || false)), Status::Failed(EINVAL));
        assert_eq!(status(explained(failed(7), true, || true)), Status::Failed(7));
        assert!(matches!(explained(Begun::Pending, true, || true), Begun::Pending));
        assert_eq!(status(may_have_bytes(failed(EINVAL))), Status::Success);
    }
}
