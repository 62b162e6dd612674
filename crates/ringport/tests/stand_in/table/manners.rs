//! What Windows may do or not, for tests to choose.

use std::cell::Cell;
use std::collections::HashSet;
use std::env;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use windows_sys::Win32::Networking::WinSock::SOCKET;

/// Calls that can be refused.
#[allow(dead_code, reason = "not every suite that has the table asks for refusals")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    RegisterBuffer,
    ResizeRequestQueue,
}

thread_local! {
    static REFUSED: Cell<Option<(Call, i32)>> = const { Cell::new(None) };
}

static STUBBORN: LazyLock<Mutex<HashSet<SOCKET>>> = LazyLock::new(Mutex::default);

fn stubborn() -> MutexGuard<'static, HashSet<SOCKET>> {
    STUBBORN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The requests of this socket, which has no request queue yet, end only when it is closed. All that Microsoft documents
/// is that they end then; by itself the table ends them when calls of the socket are cancelled, too.
#[allow(dead_code, reason = "not every suite that has the table looks at both")]
pub(crate) fn end_with_socket_only(socket: SOCKET) {
    stubborn().insert(socket);
}

/// With any value in this variable of the environment, all sockets of the run are so.
static ALL_STUBBORN: LazyLock<bool> =
    LazyLock::new(|| env::var_os("RINGPORT_STAND_IN_NEVER_CANCELS").is_some());

/// Whether what is cancelled ends, of a socket that gets its request queue now.
pub(super) fn cancels(socket: SOCKET) -> bool {
    !stubborn().remove(&socket) && !*ALL_STUBBORN
}

/// Has the next such call of this thread fail.
#[allow(dead_code, reason = "not every suite that has the table asks for refusals")]
pub(crate) fn refuse(call: Call, error: i32) {
    REFUSED.set(Some((call, error)));
}

/// The error that this call is to fail with, once.
pub(super) fn refusal(call: Call) -> Option<i32> {
    let (_, error) = REFUSED.get().filter(|(refused, _)| *refused == call)?;
    REFUSED.set(None);
    Some(error)
}
