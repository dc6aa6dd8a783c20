//! Accepting children: handshakes run side by side, none can hold up the others, and none can end the listening.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

use super::ReloadableTls;

/// Handshakes under way at once; further connections wait in the system's queue.
const HANDSHAKES: usize = 256;
/// How long a handshake may take.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// How long a refused child is given to take the reason with it.
const FAREWELL_LIMIT: Duration = Duration::from_secs(2);
/// Connections that are through their handshake and wait to be served.
const READY: usize = 16;
/// The pause after the system refuses to accept, as when it is out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Connections that are through their handshake, for tonic's `serve_with_incoming`.
pub type Incoming = ReceiverStream<io::Result<TlsStream<TcpStream>>>;

/// Accepts connections until the token is cancelled or the stream is dropped. A failed handshake is logged with its
/// reason and never ends the stream; each handshake uses the configuration that is current when it begins.
#[must_use]
pub fn incoming(listener: TcpListener, tls: Arc<ReloadableTls>, token: CancellationToken) -> Incoming {
    accepted(listener, move || tls.server.load_full(), token)
}

/// The same with whatever configuration is current when a handshake begins.
pub(super) fn accepted(
    listener: TcpListener,
    current: impl Fn() -> Arc<ServerConfig> + Send + 'static,
    token: CancellationToken,
) -> Incoming {
    let (ready, receiver) = mpsc::channel(READY);
    tokio::spawn(accept(listener, current, token, ready));
    ReceiverStream::new(receiver)
}

async fn accept(
    listener: TcpListener,
    current: impl Fn() -> Arc<ServerConfig>,
    token: CancellationToken,
    ready: mpsc::Sender<io::Result<TlsStream<TcpStream>>>,
) {
    let slots = Arc::new(Semaphore::new(HANDSHAKES));
    let mut handshakes = JoinSet::new();
    let ended = async {
        tokio::select! {
            () = token.cancelled() => {}
            () = ready.closed() => {}
        }
    };
    tokio::pin!(ended);
    loop {
        while handshakes.try_join_next().is_some() {}
        let next = async { (Arc::clone(&slots).acquire_owned().await, listener.accept().await) };
        let (slot, accepted) = tokio::select! {
            biased;
            () = &mut ended => break,
            next = next => next,
        };
        match accepted {
            Ok((socket, peer)) => {
                let acceptor = TlsAcceptor::from(current());
                let ready = ready.clone();
                handshakes.spawn(async move {
                    let stream = handshake(acceptor, socket, peer).await;
                    drop(slot);
                    if let Some(stream) = stream {
                        // The receiver is gone only when the program stops.
                        let _ = ready.send(Ok(stream)).await;
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections for the moment");
                tokio::select! {
                    () = &mut ended => break,
                    () = sleep(ACCEPT_PAUSE) => {}
                }
            }
        }
    }
}

async fn handshake(acceptor: TlsAcceptor, socket: TcpStream, peer: SocketAddr) -> Option<TlsStream<TcpStream>> {
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%peer, %error, "cannot turn off delaying");
    }
    match timeout(HANDSHAKE_LIMIT, acceptor.accept(socket).into_fallible()).await {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err((error, socket))) => {
            tracing::warn!(%peer, reason = %error, "connection refused in the TLS handshake");
            // A child that is slow to leave is cut off.
            let _ = timeout(FAREWELL_LIMIT, farewell(socket)).await;
            None
        }
        Err(_) => {
            tracing::warn!(%peer, "connection dropped: the TLS handshake took too long");
            None
        }
    }
}

/// Reads what a refused child still sends before closing. Closing over unread bytes would reset the connection, and
/// the child could lose the alert that tells it why.
async fn farewell(mut socket: TcpStream) -> io::Result<()> {
    socket.shutdown().await?;
    let mut rest = [0; 1024];
    while socket.read(&mut rest).await? > 0 {}
    Ok(())
}
