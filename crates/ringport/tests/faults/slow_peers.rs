//! Peers that send a byte at a time, and peers that never read: both are served, and cost no more than others.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown};

use ringport::server::tcp::Message;
use ringport::server::tcp::framing::Delimiter;
use ringport::{BackendChoice, BufferPool, TcpServer};
use socket2::SockRef;

use crate::alone::alone_on_each_backend;
use crate::common::until;
use crate::echo_server::{Kind, SOCKET_BUFFER, designs};
use crate::plain_peer::{bytes_of, connect, exchange, write_in_vain};

alone_on_each_backend!(
    peers_that_trickle_are_served,
    messages_that_trickle_are_put_together,
    a_peer_that_never_reads_is_not_read_from_for_long,
);

/// More bytes than all sockets on the way may buffer.
const FAR_TOO_MUCH: usize = 64 << 20;

fn peers_that_trickle_are_served(choice: BackendChoice) -> Vec<BufferPool> {
    let mut pools = Vec::new();
    for kind in Kind::all() {
        let server = kind.start(choice, Ipv4Addr::LOCALHOST);
        let mut clients: Vec<_> = (0..32).map(|_| connect(server.address())).collect();
        for byte in 0..50 {
            for (number, client) in (0u8..).zip(&mut clients) {
                // The next comes only when this one is through.
                exchange(client, &[byte ^ number]);
            }
        }
        // While nothing is under way no connection holds a slice, for it was sent or never taken.
        until("the slices", || (server.slices() == 0).then_some(()));
        server.until_open(32);
        drop(clients);
        server.until_open(0);
        assert_eq!(server.failed(), 0, "{kind:?}");
        pools.extend(server.end());
    }
    pools
}

fn messages_that_trickle_are_put_together(choice: BackendChoice) -> Vec<BufferPool> {
    const LINE: usize = 1000;
    for design in designs() {
        let server = TcpServer::bind("127.0.0.1:0").unwrap().backend(choice).design(design);
        let server = server.slice_size(256).largest_reply(LINE + 1).framing(Delimiter::new(b'\n', LINE));
        let answer = |message: Message<'_>| {
            let bytes = message.bytes().into_owned();
            message.reply(&bytes).unwrap();
        };
        let running = server.start(answer).unwrap();
        let mut client = connect(running.local_addr());
        let line = vec![b'x'; LINE];
        for byte in &line {
            client.write_all(std::slice::from_ref(byte)).unwrap();
        }
        let used = running.handle().counters();
        assert!(used.slices_used <= used.slices_reserved, "{design}: {used:?}");
        client.write_all(b"\n").unwrap();
        let mut back = vec![0; LINE];
        client.read_exact(&mut back).unwrap();
        assert!(back == line, "{design}");
        drop(client);
        let counters = running.stop().unwrap().counters;
        assert_eq!(
            (counters.messages, counters.slices_used, counters.slices_reserved),
            (1, 0, 0),
            "{design}"
        );
    }
    Vec::new()
}

fn a_peer_that_never_reads_is_not_read_from_for_long(choice: BackendChoice) -> Vec<BufferPool> {
    let sent = bytes_of(1, 1 << 20).repeat(FAR_TOO_MUCH >> 20);
    let mut pools = Vec::new();
    for kind in Kind::all() {
        let server = kind.start(choice, Ipv4Addr::LOCALHOST);
        let mut deaf = connect(server.address());
        // The system must not take for long what the server does not.
        SockRef::from(&deaf).set_send_buffer_size(SOCKET_BUFFER).unwrap();
        SockRef::from(&deaf).set_recv_buffer_size(SOCKET_BUFFER).unwrap();
        let written = write_in_vain(&mut deaf, &sent);
        // What waits is no more than what is allowed to, however much came.
        assert!(server.slices() <= 5, "{kind:?}: {} slices", server.slices());
        // Others do not wait for it.
        let mut other = connect(server.address());
        (0..100).for_each(|byte| exchange(&mut other, &[byte; 100]));
        // When it reads at last, everything is there.
        deaf.shutdown(Shutdown::Write).unwrap();
        let mut back = Vec::new();
        deaf.read_to_end(&mut back).unwrap();
        assert!(back == sent[..written], "{kind:?}: {} bytes of {written} came back, or others", back.len());
        drop((deaf, other));
        server.until_open(0);
        assert_eq!(server.failed(), 0, "{kind:?}");
        pools.extend(server.end());
    }
    pools
}
