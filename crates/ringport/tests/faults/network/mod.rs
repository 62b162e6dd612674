//! Two networks and the bad road between them.
//!
//! ```text
//!   the test's threads                                       threads of over_there
//!   NEAR 10.9.0.1 ──► device ──► relay: lost? twice? late? ──► device ──► FAR 10.9.0.2
//!                       namespace │ namespace
//! ```
//!
//! Each end is a network namespace with a device whose packets the relay, a thread of the test, carries to the other
//! one. What becomes of each packet is drawn from a generator with a seed, in the order in which packets come.

mod relay;
mod weather;

use std::fs::File;
use std::io;
use std::net::Ipv4Addr;
use std::os::fd::AsRawFd;
use std::thread;

use ringport::{BackendChoice, BufferPool};

use self::relay::Relay;
pub(crate) use self::weather::{Traffic, Weather};
use crate::alone::checked;
use crate::backends;
use crate::common::child::{Child, inside};
use crate::common::{device, until};

/// The address of the test's own end.
pub(crate) const NEAR: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 1);
/// The address of the other.
pub(crate) const FAR: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 2);

/// Runs a fault with such networks on a backend, alone; where that is not allowed it says so.
pub(crate) fn run(test: &str, choice: BackendChoice, fault: fn(BackendChoice) -> Vec<BufferPool>) {
    if inside() {
        return match Network::new(0, Weather::FAIR).map(drop) {
            Ok(()) => checked(|| fault(choice)),
            Err(error) => eprintln!("skipped: no network devices of our own: {error}"),
        };
    }
    if let Some(refusal) = backends::refusal(choice) {
        eprintln!("skipped: {refusal}");
    } else if let Err(error) = Child::new(test, None).in_namespaces(libc::CLONE_NEWNET).try_run() {
        eprintln!("skipped: no namespaces here: {error}");
    }
}

/// See the module. When it is dropped both devices are gone, with all that is under way.
pub(crate) struct Network {
    relay: Relay,
    far: File,
}

impl Network {
    /// Makes the far network, both devices, and the relay.
    pub(crate) fn new(seed: u64, weather: Weather) -> io::Result<Network> {
        let near_end = end_of_the_road("near", NEAR, FAR)?;
        let made = thread::spawn(|| {
            // SAFETY: the call takes no pointer; this thread alone changes to a new network.
            if unsafe { libc::unshare(libc::CLONE_NEWNET) } < 0 {
                return Err(io::Error::last_os_error());
            }
            Ok((end_of_the_road("far", FAR, NEAR)?, File::open("/proc/thread-self/ns/net")?))
        });
        let (far_end, far) = made.join().expect("it does not panic")?;
        Ok(Network { relay: Relay::start(near_end, far_end, seed, weather), far })
    }

    /// Does something in the far network: sockets that are made there belong to it, and so do threads.
    pub(crate) fn over_there<T: Send>(&self, what: impl FnOnce() -> T + Send) -> T {
        let enter_and_do = || {
            // SAFETY: the call takes no pointer; this thread alone changes its network.
            let entered = unsafe { libc::setns(self.far.as_raw_fd(), libc::CLONE_NEWNET) };
            assert_eq!(entered, 0, "{}", io::Error::last_os_error());
            what()
        };
        thread::scope(|scope| scope.spawn(enter_and_do).join()).expect("what is done there does not fail")
    }

    /// From now on the weather is another.
    pub(crate) fn change(&self, weather: Weather) {
        self.relay.change(0, weather.clone());
        self.relay.change(1, weather);
    }

    /// The same, but only on the way back from the far network.
    pub(crate) fn change_back(&self, weather: Weather) {
        self.relay.change(1, weather);
    }

    /// What was carried so far from near to far, and back.
    pub(crate) fn traffic(&self) -> [Traffic; 2] {
        self.relay.traffic()
    }

    /// Waits until all that was sent before has left the road.
    pub(crate) fn settle(&self) {
        // The first may have begun to look before, but not the second.
        let enough = self.relay.empty_rounds() + 2;
        until("the road to be empty", || (self.relay.empty_rounds() >= enough).then_some(()));
    }
}

/// A device with this address, in the network of the calling thread; whoever has its other end is the road.
fn end_of_the_road(name: &str, address: Ipv4Addr, peer: Ipv4Addr) -> io::Result<File> {
    let end = device::open(name, libc::IFF_TUN)?;
    device::up(name, Some(address), Some(peer))?;
    device::up("lo", None, None)?;
    Ok(end)
}
