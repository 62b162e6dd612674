//! A response as its taker sees it.

use std::borrow::Cow;
use std::fmt;

use crate::memory::Chain;
use crate::server::tcp::assembly::Assembled;
use crate::server::tcp::framing::Received;

/// A message that was received: a view of the slices it came in. Letting go of it uses its bytes up.
///
/// ```
/// use ringport::TcpClient;
///
/// let server = ringport::TcpServer::bind("127.0.0.1:0")?.start(|message| _ = message.echo())?;
/// let mut client = TcpClient::builder(server.local_addr()).spare_slices(1).connect()?;
/// let kept = client.request(b"one")?.keep();
/// assert_eq!(&client.request(b"two")?.bytes()[..], b"two");
/// drop(client);
/// assert_eq!(kept.to_vec(), b"one");
/// # server.stop()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Response<'client> {
    pub(super) assembled: Assembled<'client>,
}

impl Response<'_> {
    /// How many bytes it has, without what frames it.
    #[inline]
    pub fn len(&self) -> usize {
        self.assembled.bytes().len()
    }

    /// Whether it has none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its bytes. Borrowed where they lie in one slice, which is the usual case; copied together where they lie in
    /// several, which allocates: [`received`](Response::received) looks at those without a copy.
    #[inline]
    pub fn bytes(&self) -> Cow<'_, [u8]> {
        self.assembled.bytes().to_cow()
    }

    /// Its bytes in the slices they lie in.
    #[inline]
    pub fn received(&self) -> Received<'_> {
        self.assembled.bytes()
    }

    /// Takes it along, without a copy: its slices stay with the chain until that is dropped, also when the client is
    /// gone. They are missing to the client meanwhile, see
    /// [`spare_slices`](super::TcpClientBuilder::spare_slices).
    pub fn keep(self) -> Chain {
        self.assembled.keep()
    }
}

impl fmt::Debug for Response<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Response").field(&self.received()).finish()
    }
}
