//! The examples of the completion port, run as they are.

use std::net::UdpSocket;
use std::time::Duration;

#[path = "../examples/ordered_echo.rs"]
#[expect(dead_code, reason = "its main serves a fixed port")]
mod ordered_echo;
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

#[test]
fn eight_threads_answer_in_the_order_they_were_asked() {
    let server = ordered_echo::start("127.0.0.1:0").unwrap();
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    client.connect(server.local_addr()).unwrap();
    let mut bytes = [0; 64];
    for round in 0..100u64 {
        let numbers = round * 16..(round + 1) * 16;
        numbers.clone().for_each(|number| _ = client.send(&number.to_be_bytes()).unwrap());
        for number in numbers {
            assert_eq!(client.recv(&mut bytes).unwrap(), 16);
            assert_eq!(bytes[..16], [number.to_be_bytes(), number.to_be_bytes()].concat());
        }
    }
    let report = server.stop().unwrap();
    assert_eq!((report.counters.threads.len(), report.counters.total.replies_sent), (8, 1600));
}
