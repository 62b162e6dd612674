//! The options of servers on a completion port.

use super::udp::UdpServer;

impl UdpServer {
    /// How many threads of a design on a port run at once, 0 to 1,024; 0, the default, means as many as there are
    /// processors. The others sleep, or stand ready for one that blocks ([`Datagram::blocking`](crate::Datagram::blocking)).
    pub fn concurrency(self, threads: usize) -> UdpServer {
        self.set(|options| options.concurrency = threads)
    }

    /// How many completion queues a registered design on a port has, 1 to 64; 1 by default. Each has a socket of its
    /// own on the server's port, over which the kernel spreads the peers (`SO_REUSEPORT`), and a pump of its own; all
    /// of them notify through the one port, so its threads serve whichever has datagrams. Each takes
    /// [`pending`](UdpServer::pending) slices of memory. On Windows sockets cannot share a port so, and there are no more
    /// queues than addresses.
    ///
    /// A socket goes to the queue with the fewest sockets, and of those to the one that had the least to do.
    /// [`Counters::queues`](crate::server::Counters::queues) tells what went through each, and
    /// [`Counters::skew`](crate::server::Counters::skew) how evenly.
    ///
    /// ```
    /// use ringport::{Design, UdpServer};
    ///
    /// # if cfg!(windows) { return Ok(()) }
    /// let server = UdpServer::bind("127.0.0.1:0")?.design(Design::Hybrid).queues(2);
    /// let server = server.start(|datagram| datagram.reply())?;
    /// let clients = [std::net::UdpSocket::bind("127.0.0.1:0")?, std::net::UdpSocket::bind("127.0.0.1:0")?];
    /// for client in &clients {
    ///     client.send_to(b"hello", server.local_addr())?;
    ///     client.recv(&mut [0; 16])?;
    /// }
    /// let counters = server.stop()?.counters;
    /// assert_eq!(counters.queues.len(), 2);
    /// assert!((1.0..=2.0).contains(&counters.skew()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn queues(self, queues: usize) -> UdpServer {
        self.set(|options| options.queues = queues)
    }

    /// How many results a thread of [`Design::Hybrid`](crate::Design::Hybrid) must have taken at a time to let another one join in, 1 to
    /// 1,048,576; two thirds of [`max_results`](UdpServer::max_results) by default, 667 of 1,000, and 86 of 128 with
    /// receive offload, where eight times as many datagrams in fewer results do as well. More than `max_results` means
    /// that one thread works at a time.
    pub fn threshold(self, results: usize) -> UdpServer {
        self.set(|options| options.threshold = Some(results))
    }

    /// Whether the threads of a design on a port handle what they took before another one takes more; off by
    /// default. Then datagrams of a socket are handled strictly in the order they came, by one thread at a time, with
    /// no lock in the handler.
    ///
    /// ```
    /// use ringport::{Design, UdpServer};
    ///
    /// let server = UdpServer::bind("127.0.0.1:0")?.design(Design::RegisteredPort).threads(8).ordered(true);
    /// # server.handle().stop();
    /// server.run(|datagram| datagram.reply())?;
    /// # Ok::<(), ringport::server::ServerError>(())
    /// ```
    pub fn ordered(self, on: bool) -> UdpServer {
        self.set(|options| options.ordered = on)
    }
}
