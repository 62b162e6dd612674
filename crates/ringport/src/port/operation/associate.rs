//! Associating handles with a port: `CreateIoCompletionPort` with a handle and a key.

use std::fs::File;
use std::net::{TcpListener, TcpStream};

use socket2::{Protocol, Socket, Type};

use super::super::error::PortError;
use super::super::port::CompletionPort;
use super::handle::Handle;
use super::{PortFile, PortTcpListener, PortTcpStream, PortUdpSocket};
use crate::backend::plain::{Descriptor, Subject};
use crate::backend::sys::descriptor::OwnedFd;
use crate::net::{Domain, UdpSocket};

impl CompletionPort {
    /// Associates a file with the port. `key` comes back with each of its packets. On Windows it may be opened once
    /// more for that: see [the operations](PortFile).
    ///
    /// # Errors
    /// [`PortError::Closed`], [`PortError::Backend`]; [`PortError::System`] when the process may open no more
    /// files or start no thread, and on Windows when the file cannot be opened once more. The file is closed then.
    ///
    /// ```
    /// let port = ringport::CompletionPort::new(1)?;
    /// let file = port.associate_file(std::fs::File::open(std::env::current_exe()?)?, 7)?;
    /// assert_eq!(file.key(), 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn associate_file(&self, file: File, key: u64) -> Result<PortFile, PortError> {
        let handle = Handle::new(self.core(), Descriptor::of_file(file), Subject::File, key)?;
        Ok(PortFile { handle })
    }

    /// Associates a UDP socket with the port. `key` comes back with each of its packets. The socket may be used
    /// on for all that does not receive or send.
    ///
    /// # Errors
    /// [`PortError::AlreadyAssociated`] when it belongs to a port or a request queue, until the handle of that is
    /// closed; [`PortError::AssociatedBefore`]; [`PortError::Closed`], [`PortError::Backend`]; [`PortError::System`]
    /// when the process may open no more files.
    ///
    /// ```
    /// use ringport::port::PortError;
    /// use ringport::{CompletionPort, UdpSocket};
    ///
    /// let port = CompletionPort::new(1)?;
    /// let socket = UdpSocket::bind("127.0.0.1:0")?;
    /// let first = port.associate_udp(&socket, 1)?;
    /// assert!(matches!(port.associate_udp(&socket, 2), Err(PortError::AlreadyAssociated)));
    /// first.close();
    /// port.associate_udp(&socket, 2)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn associate_udp(&self, socket: &UdpSocket, key: u64) -> Result<PortUdpSocket, PortError> {
        let handle = Handle::new(self.core(), Descriptor::Udp(socket.clone()), Subject::Udp, key)?;
        Ok(PortUdpSocket { handle, socket: socket.clone() })
    }

    /// Associates a TCP connection with the port; on Linux it is switched to non-blocking mode. `key` comes back with
    /// each of its packets.
    ///
    /// # Errors
    /// [`PortError::AlreadyAssociated`] when a copy of it belongs to a port; [`PortError::AssociatedBefore`];
    /// [`PortError::Closed`], [`PortError::Backend`]; [`PortError::System`] when the process may open no more files. The
    /// connection is closed then.
    ///
    /// ```
    /// let port = ringport::CompletionPort::new(1)?;
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let stream = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// let associated = port.associate_stream(stream, 7)?;
    /// assert_eq!(associated.peer_addr()?, listener.local_addr()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn associate_stream(&self, stream: TcpStream, key: u64) -> Result<PortTcpStream, PortError> {
        let handle = self.associate(stream, Subject::Stream, key)?;
        Ok(PortTcpStream { handle })
    }

    /// Opens a TCP socket that is associated with the port and not connected yet: see
    /// [`PortTcpStream::connect`].
    ///
    /// # Errors
    /// [`PortError::Closed`], [`PortError::Backend`]; [`PortError::System`] when the machine lacks the family or
    /// the process may open no more files.
    ///
    /// ```
    /// let port = ringport::CompletionPort::new(1)?;
    /// let stream = port.stream(ringport::net::Domain::V6, 7)?;
    /// assert_eq!(stream.key(), 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stream(&self, domain: Domain, key: u64) -> Result<PortTcpStream, PortError> {
        let socket = Socket::new(domain.into(), Type::STREAM, Some(Protocol::TCP))
            .map_err(|source| PortError::System { what: "opening a TCP socket", source })?;
        let handle = self.associate(socket, Subject::Stream, key)?;
        Ok(PortTcpStream { handle })
    }

    /// Associates a TCP listener with the port; on Linux it is switched to non-blocking mode. `key` comes back with
    /// each of its packets.
    ///
    /// # Errors
    /// [`PortError::AlreadyAssociated`] when a copy of it belongs to a port; [`PortError::AssociatedBefore`];
    /// [`PortError::Closed`], [`PortError::Backend`]; [`PortError::System`] when the process may open no more files. The
    /// listener is closed then.
    ///
    /// ```
    /// let port = ringport::CompletionPort::new(1)?;
    /// let listener = port.associate_listener(std::net::TcpListener::bind("127.0.0.1:0")?, 7)?;
    /// assert_ne!(listener.local_addr()?.port(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn associate_listener(&self, listener: TcpListener, key: u64) -> Result<PortTcpListener, PortError> {
        let handle = self.associate(listener, Subject::Listener, key)?;
        Ok(PortTcpListener { handle })
    }

    fn associate(&self, socket: impl Into<OwnedFd>, subject: Subject, key: u64) -> Result<Handle, PortError> {
        Handle::new(self.core(), Descriptor::of_socket(socket), subject, key)
    }
}
