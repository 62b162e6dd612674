//! The side of the comparison: waits for the agent, and gives it its orders.

use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use crate::child::PATIENCE;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output;
use crate::send::Sent;
use crate::traffic::Traffic;

use super::link::{Heard, Link};
use super::{Answer, Hello, Order, Told, VERSION};

/// Between two looks for a connection and at Ctrl-C.
const LOOK: Duration = Duration::from_millis(20);

/// The generator on another machine.
pub(crate) struct Remote {
    host: String,
    allowed: Vec<IpAddr>,
    listener: TcpListener,
    /// Where the agent is to connect to, and whose ports the receivers get.
    local: SocketAddr,
    link: Option<Link>,
    run: u64,
    notes: Vec<String>,
}

impl Remote {
    /// Listens for the agent of `host` on the address by which that host is reached; port 0 is a free one.
    pub(crate) fn listen(host: &str, port: u16) -> Result<Remote, Failure> {
        let unknown = |error: std::io::Error| {
            Failure::failed(format!("no way to '{host}' of --remote: {error}; give a name or an address"))
        };
        let found: Vec<SocketAddr> = (host, 9).to_socket_addrs().map_err(unknown)?.collect();
        let local = own_address(&found).map_err(unknown)?;
        let refused = |error| {
            Failure::failed(format!("could not listen on {local}, port {port}, for '{host}': {error}"))
        };
        let listener = TcpListener::bind((local, port)).map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let local = listener.local_addr().map_err(refused)?;
        let allowed = found.iter().map(SocketAddr::ip).collect();
        Ok(Remote { host: host.into(), allowed, listener, local, link: None, run: 0, notes: Vec::new() })
    }

    /// The address that receivers are to listen on.
    pub(crate) fn local_ip(&self) -> IpAddr {
        self.local.ip()
    }

    /// Makes the agent ready to send to these ports. Waits for it to connect if it has not; false: interrupted.
    pub(crate) fn prepare(
        &mut self,
        traffic: &Traffic,
        ports: &[u16],
        interrupt: &Interrupt,
    ) -> Result<bool, Failure> {
        self.run += 1;
        self.notes.clear();
        if self.link.is_none() && !self.wait_for_agent(interrupt)? {
            return Ok(false);
        }
        self.order(&Order::Prepare { run: self.run, ports: ports.to_vec(), traffic: traffic.clone() })?;
        let limit = Instant::now() + PATIENCE;
        while Instant::now() < limit {
            match self.answer(LOOK)? {
                Some(Told::Ready) => return Ok(true),
                Some(_) | None if interrupt.asked() => return Ok(false),
                Some(_) | None => {}
            }
        }
        Err(Failure::failed(format!("the generator on {} was not ready for {PATIENCE:?}", self.host)))
    }

    /// Lets it begin.
    pub(crate) fn go(&mut self) -> Result<(), Failure> {
        self.order(&Order::Go)
    }

    /// Its figures, once it is done.
    pub(crate) fn sent(&mut self, wait: Duration) -> Result<Option<Sent>, Failure> {
        match self.answer(wait)? {
            Some(Told::Sent(sent)) => Ok(Some(*sent)),
            _ => Ok(None),
        }
    }

    /// Gives a run up that may be under way.
    pub(crate) fn stop(&mut self) {
        // A link that is gone has stopped already.
        let _ = self.order(&Order::Stop);
    }

    /// What the generator had to say in the last run.
    pub(crate) fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    fn order(&mut self, order: &Order) -> Result<(), Failure> {
        let told = self.link.as_mut().map(|link| link.tell(order));
        match told {
            Some(Ok(())) => Ok(()),
            _ => Err(self.gone()),
        }
    }

    fn answer(&mut self, wait: Duration) -> Result<Option<Told>, Failure> {
        let Some(link) = &mut self.link else { return Err(self.gone()) };
        match link.hear(wait)? {
            Heard::Nothing => Ok(None),
            Heard::End => Err(self.gone()),
            Heard::One(Answer { run, .. }) if run != self.run => Ok(None),
            Heard::One(Answer { told: Told::Failed(sentence), .. }) => {
                Err(Failure::failed(format!("on {}: {sentence}", self.host)))
            }
            Heard::One(Answer { told: Told::Note(note), .. }) => {
                self.notes.push(note);
                Ok(None)
            }
            Heard::One(Answer { told, .. }) => Ok(Some(told)),
        }
    }

    fn gone(&mut self) -> Failure {
        self.link = None;
        Failure::failed(format!("the generator on {} has gone", self.host))
    }

    fn wait_for_agent(&mut self, interrupt: &Interrupt) -> Result<bool, Failure> {
        output::note(&format!("waiting for the generator: on {}, run", self.host));
        output::note(&format!("  ringport send --for-compare {}", self.local));
        while !interrupt.asked() {
            let Ok((stream, peer)) = self.listener.accept() else {
                thread::sleep(LOOK);
                continue;
            };
            if !self.allowed.contains(&peer.ip().to_canonical()) {
                output::warning(&format!("{peer} connected, which is not {}: hung up on", self.host));
                continue;
            }
            match greeted(stream) {
                Ok(link) => {
                    output::note(&format!("{} is generating", link.peer));
                    self.link = Some(link);
                    return Ok(true);
                }
                Err(failure) => output::warning(&failure.sentence()),
            }
        }
        Ok(false)
    }
}

/// A connection whose other side is a generator of this version.
fn greeted(stream: TcpStream) -> Result<Link, Failure> {
    let mut link = Link::new(stream)?;
    match link.hear::<Hello>(PATIENCE)? {
        Heard::One(hello) if hello.ringport_generator == VERSION => Ok(link),
        Heard::One(hello) => Err(Failure::failed(format!(
            "the generator at {} is ringport {}, and this is {VERSION}: they have to be the same",
            link.peer, hello.ringport_generator
        ))),
        Heard::Nothing | Heard::End => {
            Err(Failure::failed(format!("{} connected and did not say what it is", link.peer)))
        }
    }
}

/// The address of this machine that a packet to one of `others` would come from.
fn own_address(others: &[SocketAddr]) -> std::io::Result<IpAddr> {
    let mut last = std::io::Error::from(std::io::ErrorKind::NotFound);
    for other in others {
        let any: IpAddr = if other.is_ipv4() { [0; 4].into() } else { [0u16; 8].into() };
        // Connecting a datagram socket asks for the route and sends nothing.
        match UdpSocket::bind((any, 0))
            .and_then(|socket| socket.connect(other).and_then(|()| socket.local_addr()))
        {
            Ok(address) => return Ok(address.ip()),
            Err(error) => last = error,
        }
    }
    Err(last)
}
