//! The examples of the completion port, run as they are.

#[path = "../examples/port_exit_key.rs"]
#[expect(dead_code, reason = "its main only prints what is checked here")]
mod port_exit_key;
#[path = "../examples/port_file_and_socket.rs"]
#[expect(dead_code, reason = "its main only prints what is checked here")]
mod port_file_and_socket;
#[path = "../examples/port_thread_pool.rs"]
#[expect(dead_code, reason = "its main only prints what is checked here")]
mod port_thread_pool;

#[test]
fn a_file_and_a_socket_are_served_by_one_port() {
    let answers = port_file_and_socket::run().unwrap();
    assert_eq!(answers, ["//! Registered I", "Registered I/O f", "beyond the end"]);
}

#[test]
fn threads_end_by_a_posted_key_after_all_work() {
    assert_eq!(port_exit_key::run().unwrap(), 500_500);
}

#[test]
fn a_thread_pool_goes_on_while_a_job_waits() {
    assert_eq!(port_thread_pool::run().unwrap(), 338_350);
}
