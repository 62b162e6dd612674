//! The side of the generator: `ringport send --for-compare ADDRESS`.

use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use crate::child::Child;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output;
use crate::traffic::Traffic;

use super::link::{Heard, Link};
use super::{Answer, Hello, Order, Told, VERSION};

/// For the comparison to accept the connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Between two looks at the generator and at Ctrl-C.
const LOOK: Duration = Duration::from_millis(20);

/// Does what the comparison at `address` orders, until it hangs up.
pub(crate) fn run(address: &str) -> Result<(), Failure> {
    let interrupt = Interrupt::on_signals()?;
    let mut link = Link::new(connect(address)?)?;
    link.tell(&Hello { ringport_generator: VERSION.into() })?;
    output::note(&format!("generating for the comparison at {} (Ctrl-C ends)", link.peer));
    let mut under_way: Option<(u64, Child)> = None;
    // One that is done may hold connections, which the comparison looks at before it ends them.
    let mut done: Option<Child> = None;
    while !interrupt.asked() {
        match link.hear(LOOK)? {
            Heard::One(Order::Prepare { run, ports, traffic }) => {
                // The one before, if any, is stopped first.
                drop((under_way.take(), done.take()));
                let told = match prepare(&traffic, link.peer.ip(), &ports) {
                    Ok(child) => {
                        under_way = Some((run, child));
                        Told::Ready
                    }
                    Err(failure) => Told::Failed(failure.sentence()),
                };
                link.tell(&Answer { run, told })?;
            }
            Heard::One(Order::Go) => {
                // If it died meanwhile, that is told below.
                let _ = under_way.as_mut().map(|(_, child)| child.tell("go"));
            }
            Heard::One(Order::Stop) => (under_way, done) = (None, None),
            Heard::Nothing => {}
            Heard::End => {
                output::note("the comparison has ended");
                return Ok(());
            }
        }
        if let Some((run, child)) = &mut under_way
            && let Some(told) = figures(child)
        {
            for note in child.complaints() {
                link.tell(&Answer { run: *run, told: Told::Note(note) })?;
            }
            link.tell(&Answer { run: *run, told })?;
            done = under_way.take().map(|(_, child)| child);
        }
    }
    Ok(())
}

fn prepare(traffic: &Traffic, host: IpAddr, ports: &[u16]) -> Result<Child, Failure> {
    let Some((first, others)) = ports.split_first() else {
        return Err(Failure::failed("the comparison names no port to send to"));
    };
    let target = SocketAddr::new(host, *first);
    let mut child = Child::start("generator", &traffic.arguments(target, others))?;
    child.answer()?;
    Ok(child)
}

/// The figures of a generator that has ended, or why there are none.
fn figures(child: &mut Child) -> Option<Told> {
    let line = child.line(Duration::ZERO).transpose()?;
    let sent = line.and_then(|line| child.parse(&line));
    Some(sent.map_or_else(|failure| Told::Failed(failure.sentence()), |sent| Told::Sent(Box::new(sent))))
}

fn connect(address: &str) -> Result<TcpStream, Failure> {
    let failed = |error: std::io::Error| {
        Failure::failed(format!(
            "could not reach the comparison at {address}: {error}; is 'ringport compare --remote' waiting there, and \
             may TCP pass?"
        ))
    };
    let mut last = std::io::Error::from(std::io::ErrorKind::NotFound);
    for candidate in address.to_socket_addrs().map_err(failed)? {
        match TcpStream::connect_timeout(&candidate, CONNECT) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(failed(last))
}
