//! Accepting connections: handshakes run side by side, none can hold up the others, and none can end the listening.
//! Whoever is not known yet, or shows no certificate, has few places and little time there, and none of the others'.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tongpin_domain::region::RegionCode;

use super::ReloadableTls;
use super::seated::Seated;
use super::seats::{Seat, Seats, origin};
use crate::identity::region_of;
use crate::log_limit::LogLimit;

/// How long a refused child is given to take the reason with it.
const FAREWELL_LIMIT: Duration = Duration::from_secs(2);
/// Connections that are through their handshake and wait to be served.
pub(super) const READY: usize = 16;
/// The pause after the system refuses to accept, as when it is out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Lines a minute about handshakes that failed.
const FAILURES_TOLD: u64 = 20;

/// How many connections there may be of each kind, and for how long. Whatever a stranger may take up together is a few
/// hundred file descriptors; pages and children have theirs beside them.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Handshakes under way, in all and from one address.
    pub handshakes: (usize, usize),
    /// How long a handshake may take.
    pub handshake: Duration,
    /// Callers without a certificate, in all and from one address.
    pub guests: (usize, usize),
    /// How long such a caller may stay: enrolment is one call.
    pub guest: Duration,
    /// Connections of one child: its link, and for a moment what replaces it or is asked beside it.
    pub each_child: usize,
    /// Connections of browsers and departments' systems, in all and from one address.
    pub pages: (usize, usize),
    /// How long such a connection may lie idle.
    pub page_idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshakes: (256, 128),
            handshake: Duration::from_secs(10),
            guests: (64, 16),
            guest: Duration::from_secs(30),
            each_child: 8,
            pages: (512, 128),
            page_idle: Duration::from_mins(2),
        }
    }
}

/// Connections that are through their handshake, for tonic's `serve_with_incoming`.
pub type Incoming = ReceiverStream<io::Result<Seated<TlsStream<TcpStream>>>>;

/// The two doors of a parent.
pub struct Doors {
    /// Children whose certificate is admitted.
    pub children: Incoming,
    /// Callers without a certificate.
    pub guests: Incoming,
}

/// Accepts connections until the token is cancelled. A failed handshake is logged with its reason and never ends the
/// streams; each handshake uses the configuration that is current when it begins.
#[must_use]
pub fn incoming(listener: TcpListener, tls: Arc<ReloadableTls>, limits: Limits, token: CancellationToken) -> Doors {
    let (children, to_children) = mpsc::channel(READY);
    let (guests, to_guests) = mpsc::channel(READY);
    let lobby = Arc::new(Lobby {
        children,
        guests,
        child_seats: Seats::new(usize::MAX, limits.each_child),
        guest_seats: Seats::new(limits.guests.0, limits.guests.1),
        guest: limits.guest,
    });
    let current = move || tls.server.load_full();
    let enter = move |stream, peer| {
        let lobby = Arc::clone(&lobby);
        async move { lobby.enter(stream, peer).await }
    };
    tokio::spawn(accept(listener, current, enter, limits, token));
    Doors { children: ReceiverStream::new(to_children), guests: ReceiverStream::new(to_guests) }
}

/// Where it is decided which door a connection takes.
struct Lobby {
    children: mpsc::Sender<io::Result<Seated<TlsStream<TcpStream>>>>,
    guests: mpsc::Sender<io::Result<Seated<TlsStream<TcpStream>>>>,
    child_seats: Arc<Seats<RegionCode>>,
    guest_seats: Arc<Seats<IpAddr>>,
    guest: Duration,
}

impl Lobby {
    async fn enter(&self, stream: TlsStream<TcpStream>, peer: SocketAddr) {
        let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
        // The handshake has verified it.
        let (door, seated) = if let Some(Ok(region)) = certificate.map(region_of) {
            let (seat, _) = self.child_seats.take(region);
            (&self.children, Seated::new(stream, async move { seat.lost().await }))
        } else {
            let (seat, _) = self.guest_seats.take(origin(peer.ip()));
            let life = self.guest;
            let ending = async move {
                let _ = timeout(life, seat.lost()).await;
            };
            (&self.guests, Seated::new(stream, ending))
        };
        // The receiver is gone only when the program stops.
        let _ = door.send(Ok(seated)).await;
    }
}

/// Hands connections that are through their handshake to `enter`, each with the place of its handshake until then.
pub(super) async fn accept<E: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    current: impl Fn() -> Arc<ServerConfig>,
    enter: impl Fn(TlsStream<TcpStream>, SocketAddr) -> E + Clone + Send + Sync + 'static,
    limits: Limits,
    token: CancellationToken,
) {
    let seats = Seats::new(limits.handshakes.0, limits.handshakes.1);
    let (crowded, failures) = (LogLimit::of(1), Arc::new(LogLimit::of(FAILURES_TOLD)));
    let mut handshakes = JoinSet::new();
    while let Some((socket, peer)) = next(&listener, &token).await {
        while handshakes.try_join_next().is_some() {}
        let (seat, pushed) = seats.take(origin(peer.ip()));
        if pushed && let Some(left_out) = crowded.next() {
            tracing::warn!(%peer, left_out, "more connections than are good: those that linger are dropped");
        }
        let (acceptor, enter, failures) = (TlsAcceptor::from(current()), enter.clone(), failures.clone());
        handshakes.spawn(async move {
            let entering = async {
                if let Some(stream) = handshake(acceptor, socket, peer, limits.handshake, &failures).await {
                    enter(stream, peer).await;
                }
            };
            unless_lost(&seat, entering).await;
        });
    }
}

/// The next connection, `None` once there shall be no more.
pub(super) async fn next(listener: &TcpListener, token: &CancellationToken) -> Option<(TcpStream, SocketAddr)> {
    loop {
        let accepted = tokio::select! {
            biased;
            () = token.cancelled() => return None,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok(accepted) => return Some(accepted),
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections for the moment");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn unless_lost(seat: &Seat<IpAddr>, work: impl Future<Output = ()>) {
    tokio::select! {
        () = work => {}
        () = seat.lost() => {}
    }
}

async fn handshake(
    acceptor: TlsAcceptor,
    socket: TcpStream,
    peer: SocketAddr,
    limit: Duration,
    failures: &LogLimit,
) -> Option<TlsStream<TcpStream>> {
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%peer, %error, "cannot turn off delaying");
    }
    match timeout(limit, acceptor.accept(socket).into_fallible()).await {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err((error, socket))) => {
            if let Some(left_out) = failures.next() {
                tracing::warn!(%peer, reason = %error, left_out, "connection refused in the TLS handshake");
            }
            // A child that is slow to leave is cut off.
            let _ = timeout(FAREWELL_LIMIT, farewell(socket)).await;
            None
        }
        Err(_) => {
            if let Some(left_out) = failures.next() {
                tracing::warn!(%peer, left_out, "connection dropped: the TLS handshake took too long");
            }
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
