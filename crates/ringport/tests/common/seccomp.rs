//! Seccomp filters, as sandboxes use them: for threads and their children, never taken back.

/// `SECCOMP_RET_ERRNO` with this error.
pub(crate) fn fail_with(error: i32) -> u32 {
    libc::SECCOMP_RET_ERRNO | error as u32
}

/// Has the calling thread's calls of `number` fail with an error where their third argument is `value`: for a
/// `sendmmsg` or `recvmmsg` the number of its messages.
pub(crate) fn fail_batches(number: libc::c_long, batches: &[(u32, i32)]) {
    const THIRD: u32 = 16 + 2 * 8;
    let instruction =
        |code: u32, yes: u8, no: u8, k: u32| libc::sock_filter { code: code as u16, jt: yes, jf: no, k };
    let mut program = vec![
        instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        instruction(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 1, 0, number as u32),
        instruction(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW),
        instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, THIRD),
    ];
    for (value, error) in batches {
        program.push(instruction(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, *value));
        program.push(instruction(libc::BPF_RET | libc::BPF_K, 0, 0, fail_with(*error)));
    }
    program.push(instruction(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW));
    load(&mut program, 0);
}

/// Treats the calls in `numbers` one way, and all others another: for the calling thread, or for all that run.
pub(crate) fn install(all_threads: bool, numbers: &[libc::c_long], treatment: u32, otherwise: u32) {
    let flags = if all_threads { libc::SECCOMP_FILTER_FLAG_TSYNC } else { 0 };
    let instruction =
        |code: u32, yes: u8, no: u8, k: u32| libc::sock_filter { code: code as u16, jt: yes, jf: no, k };
    // The number of the call is the first field of the data that the program is given.
    let mut program = vec![instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0)];
    for number in numbers {
        program.push(instruction(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, *number as u32));
        program.push(instruction(libc::BPF_RET | libc::BPF_K, 0, 0, treatment));
    }
    program.push(instruction(libc::BPF_RET | libc::BPF_K, 0, 0, otherwise));
    load(&mut program, flags);
}

fn load(program: &mut [libc::sock_filter], flags: libc::c_ulong) {
    let filter = libc::sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
    // SAFETY: the program is valid for its length and outlives the calls, which copy it.
    let result = unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const filter)
    };
    assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
}
