//! Exactly one packet an operation, whatever happens at the same time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ringport::port::{PortUdpSocket, PortWaitError};
use ringport::{BackendChoice, CompletionPort, Packet};

use crate::common::{PATIENCE, on_each_backend, until};
use crate::setup::{is_aborted, pool, port, socket};

on_each_backend!(
    cancelling_races_with_completion,
    several_threads_start_cancel_and_wait,
    closing_the_port_races_with_everything,
);

/// Takes packets until so many came; how many were aborted, once each came exactly once.
fn take(port: &CompletionPort, count: usize, first: u64) -> usize {
    let mut seen = HashMap::new();
    let mut aborted = 0;
    while seen.len() < count {
        let Packet::Operation(done) = port.wait(Some(PATIENCE)).unwrap() else { panic!("operations only") };
        aborted += usize::from(is_aborted(&done));
        assert!(is_aborted(&done) || done.result().is_ok(), "{done:?}");
        assert!((first..first + count as u64).contains(&done.context()));
        assert!(seen.insert(done.context(), ()).is_none(), "twice: {}", done.context());
    }
    aborted
}

fn cancelling_races_with_completion(choice: BackendChoice) {
    let (port, socket) = (port(choice), socket());
    let associated = port.associate_udp(&socket, 1).unwrap();
    let (plain, address) = (socket.to_std().unwrap(), socket.local_addr().unwrap());
    let mut received = 0;
    for round in 0..200u64 {
        let operations: Vec<_> = (0..8)
            .map(|index| associated.receive(vec![0; 8], round * 8 + index).unwrap().pending().unwrap())
            .collect();
        thread::scope(|scope| {
            scope.spawn(|| (0..8).for_each(|_| assert_eq!(plain.send_to(b"datagram", address).unwrap(), 8)));
            scope.spawn(|| operations.iter().for_each(|operation| _ = associated.cancel(*operation)));
            received += 8 - take(&port, 8, round * 8);
        });
        // What came too late waits in the socket for nobody.
        associated.skip_on_success(true);
        while let ringport::port::Started::Done(_) = associated.receive(vec![0; 8], u64::MAX).unwrap() {
            received += 1;
        }
        associated.skip_on_success(false);
        associated.cancel_all().unwrap();
        assert!(matches!(port.wait(Some(PATIENCE)), Ok(Packet::Operation(done)) if is_aborted(&done)));
    }
    // No datagram went into an operation that said it was aborted.
    assert_eq!(received, 1600);
}

fn start_and_cancel(associated: &PortUdpSocket, first: u64, count: u64) {
    let address = associated.socket().local_addr().unwrap();
    for context in first..first + count {
        let started = until("room", || associated.receive(vec![0; 8], context).ok());
        associated.send_to(b"x".to_vec(), address, u64::MAX).map(drop).unwrap_or_default();
        if context.is_multiple_of(3) {
            let _ = associated.cancel(started.pending().unwrap());
        }
    }
}

fn several_threads_start_cancel_and_wait(choice: BackendChoice) {
    const EACH: u64 = 500;
    let (port, socket) = (port(choice), socket());
    let associated = port.associate_udp(&socket, 1).unwrap();
    let seen = std::sync::Mutex::new(HashMap::new());
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Ok(Packet::Operation(done)) = port.wait(None) {
                    assert!(is_aborted(&done) || done.result().is_ok(), "{done:?}");
                    if done.context() != u64::MAX {
                        *seen.lock().unwrap().entry(done.context()).or_insert(0) += 1;
                    }
                }
            });
        }
        let starters: Vec<_> = (0..3)
            .map(|starter| {
                let associated = &associated;
                scope.spawn(move || start_and_cancel(associated, starter * EACH, EACH))
            })
            .collect();
        starters.into_iter().for_each(|starter| starter.join().unwrap());
        let _ = associated.cancel_all();
        until("every packet", || (seen.lock().unwrap().len() as u64 == 3 * EACH).then_some(()));
        until("the rest", || (associated.outstanding() == 0).then_some(()));
        over.store(true, Ordering::Relaxed);
        port.close();
    });
    assert!(seen.into_inner().unwrap().values().all(|count| *count == 1));
}

fn closing_the_port_races_with_everything(choice: BackendChoice) {
    for _ in 0..50 {
        let (port, pool, socket) = (port(choice), pool(), socket());
        let associated = port.associate_udp(&socket, 1).unwrap();
        let (plain, address) = (socket.to_std().unwrap(), socket.local_addr().unwrap());
        (0..8).for_each(|context| drop(associated.receive_from(pool.take().unwrap(), context).unwrap()));
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    loop {
                        match port.wait(None) {
                            Ok(Packet::Operation(done)) => {
                                let context = done.context();
                                let Some(buffer) = done.into_unique() else { continue };
                                let _ = associated.receive_from(buffer, context);
                            }
                            Ok(_) => {}
                            Err(PortWaitError::Closed) => return,
                            Err(other) => panic!("{other}"),
                        }
                    }
                });
            }
            (0..20).for_each(|_| assert_eq!(plain.send_to(b"datagram", address).unwrap(), 8));
            port.close();
        });
        let figures = pool.figures();
        assert_eq!(figures.free, figures.slices, "{figures:?}");
    }
}
