//! Connecting to the parent: a TCP connection, a handshake, and the parent's first word before the stream is handed on.
//!
//! In TLS 1.3 a parent that refuses a child says so only after the child believes that the handshake is over. Waiting
//! for the first bytes (the parent's HTTP/2 settings) turns "broken pipe" into the reason.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncBufReadExt as _;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::Endpoint;
use tower::Service;

use super::client::ClientSide;
use super::transport::{Tcp, Transport, Wire};
use super::{ALPN, Clock, ConnectError, ReloadableTls, Stage, TlsError};
use crate::token::{Token, is_address};

/// How long reaching the address may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// How long the handshake, and then the first word, may take.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// Makes connections to the parent for [`Endpoint::connect_with_connector_lazy`] and its like.
///
/// Each connection uses the certificate that is current when it is made.
#[derive(Debug, Clone)]
pub struct Connector {
    pub(super) source: Source,
    pub(super) transport: Arc<dyn Transport>,
}

#[derive(Debug, Clone)]
pub(super) enum Source {
    Reloadable(Arc<ReloadableTls>),
    Joining(Arc<ClientSide>),
}

impl Connector {
    /// Connects as an enrolled bureau.
    #[must_use]
    pub fn new(tls: Arc<ReloadableTls>) -> Self {
        Self { source: Source::Reloadable(tls), transport: Arc::new(Tcp) }
    }

    /// The same over another transport.
    #[must_use]
    pub fn over(self, transport: Arc<dyn Transport>) -> Self {
        Self { transport, ..self }
    }

    /// Connects with nothing but an invitation.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn for_join(token: &Token, clock: &Clock) -> Result<Self, TlsError> {
        let side = ClientSide::joining(&token.root, &token.parent, clock)?;
        Ok(Self { source: Source::Joining(Arc::new(side)), transport: Arc::new(Tcp) })
    }

    /// The endpoint for an address. Its scheme is `http`, since TLS is this connector's business and not tonic's.
    ///
    /// # Errors
    /// [`ConnectError::BadAddress`] unless it is `host:port`.
    pub fn endpoint(address: &str) -> Result<Endpoint, ConnectError> {
        let bad = || ConnectError::BadAddress { address: address.to_owned() };
        if !is_address(address) {
            return Err(bad());
        }
        Endpoint::from_shared(format!("http://{address}")).map_err(|_| bad())
    }

    fn side(&self) -> Result<Arc<ClientSide>, ConnectError> {
        match &self.source {
            Source::Reloadable(tls) => tls.client.load_full().ok_or(ConnectError::NoParent),
            Source::Joining(side) => Ok(Arc::clone(side)),
        }
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TlsStream<Box<dyn Wire>>>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let (side, transport) = (self.side(), self.transport.clone());
        Box::pin(async move {
            let address = uri.authority().map(ToString::to_string).unwrap_or_default();
            let result = match side {
                Ok(side) => connect(&side, &*transport, &address).await,
                Err(error) => Err(error),
            };
            if let Err(error) = &result {
                tracing::warn!(%address, %error, "no connection to the parent");
            }
            result.map(TokioIo::new)
        })
    }
}

async fn connect(
    side: &ClientSide,
    transport: &dyn Transport,
    address: &str,
) -> Result<TlsStream<Box<dyn Wire>>, ConnectError> {
    if !is_address(address) {
        return Err(ConnectError::BadAddress { address: address.to_owned() });
    }
    let reaching = transport.reach(address.to_owned());
    let socket = step(CONNECT_LIMIT, reaching, address, Stage::Connecting, side).await?;
    let connector = TlsConnector::from(Arc::clone(&side.config));
    let handshake = connector.connect(side.name.clone(), socket);
    let mut stream = step(HANDSHAKE_LIMIT, handshake, address, Stage::Handshake, side).await?;
    let greeted = step(HANDSHAKE_LIMIT, stream.fill_buf(), address, Stage::Greeting, side).await?;
    if greeted.is_empty() {
        return Err(ConnectError::Closed { address: address.to_owned(), stage: Stage::Greeting });
    }
    if stream.get_ref().1.alpn_protocol() != Some(ALPN) {
        return Err(ConnectError::NotTongpin { address: address.to_owned() });
    }
    Ok(stream)
}

/// Runs one stage within its time, and says why if it fails.
async fn step<T>(
    limit: Duration,
    work: impl Future<Output = io::Result<T>>,
    address: &str,
    stage: Stage,
    side: &ClientSide,
) -> Result<T, ConnectError> {
    match timeout(limit, work).await {
        Ok(result) => result.map_err(|error| ConnectError::from_io(error, address, stage, side)),
        Err(_) => Err(ConnectError::Timeout { address: address.to_owned(), stage }),
    }
}
