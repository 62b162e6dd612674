//! The generator of one run, here or on another machine.

use std::net::SocketAddr;
use std::time::Duration;

use crate::child::Child;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::remote::Remote;
use crate::send::Sent;
use crate::traffic::Traffic;

/// A generator that is ready. Dropping it stops it.
pub(crate) enum Generator<'a> {
    Here(Box<Child>),
    There(&'a mut Remote),
}

impl<'a> Generator<'a> {
    /// Makes one ready to send to these addresses of one host, of which there is at least one. None: interrupted.
    pub(crate) fn start(
        traffic: &Traffic,
        targets: &[SocketAddr],
        remote: Option<&'a mut Remote>,
        interrupt: &Interrupt,
    ) -> Result<Option<Generator<'a>>, Failure> {
        let ports: Vec<u16> = targets.iter().map(SocketAddr::port).collect();
        let (Some(target), Some((_, also_ports))) = (targets.first(), ports.split_first()) else {
            return Err(Failure::failed("the receiver stands at no address"));
        };
        if let Some(remote) = remote {
            let ready = remote.prepare(traffic, &ports, interrupt)?;
            return Ok(ready.then_some(Generator::There(remote)));
        }
        let mut child = Child::start("generator", &traffic.arguments(*target, also_ports))?;
        child.answer()?;
        Ok(Some(Generator::Here(Box::new(child))))
    }

    /// Lets it begin.
    pub(crate) fn go(&mut self) -> Result<(), Failure> {
        match self {
            Generator::Here(child) => child.tell("go"),
            Generator::There(remote) => remote.go(),
        }
    }

    /// Its figures, once it is done; None if it is not for so long.
    pub(crate) fn sent(&mut self, wait: Duration) -> Result<Option<Sent>, Failure> {
        match self {
            Generator::Here(child) => child.line(wait)?.map(|line| child.parse(&line)).transpose(),
            Generator::There(remote) => remote.sent(wait),
        }
    }

    /// What it had to say besides.
    pub(crate) fn notes(&mut self) -> Vec<String> {
        match self {
            Generator::Here(child) => child.complaints().collect(),
            Generator::There(remote) => remote.notes(),
        }
    }
}

impl Drop for Generator<'_> {
    fn drop(&mut self) {
        match self {
            // A child ends when it is dropped.
            Generator::Here(_) => {}
            Generator::There(remote) => remote.stop(),
        }
    }
}
