//! How bytes reach the parent: over TCP. It is one of the two places at which a simulation puts its faults (the other
//! is the store's [durable step](tongpin_store::DurableStep)); no program puts anything there.

use std::fmt;
use std::io;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// A connection before it is made secure.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A connection that is being made.
pub type Reaching = Pin<Box<dyn Future<Output = io::Result<Box<dyn Wire>>> + Send>>;

/// What makes connections.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Connects to `host:port`.
    ///
    /// # Errors
    /// It is not reached.
    fn reach(&self, address: String) -> Reaching;
}

/// TCP, without delaying what is small.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tcp;

impl Transport for Tcp {
    fn reach(&self, address: String) -> Reaching {
        Box::pin(async move {
            let socket = TcpStream::connect(address).await?;
            socket.set_nodelay(true)?;
            Ok(Box::new(socket) as Box<dyn Wire>)
        })
    }
}
