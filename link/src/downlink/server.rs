//! The gRPC server: its services, who a caller is, and the links that are alive.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{broadcast, mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tongpin_domain::catalog::Head;
use tongpin_domain::digest::Digest;
use tongpin_proto::v1::enrolment_server::{Enrolment, EnrolmentServer};
use tongpin_proto::v1::link_server::{Link, LinkServer};
use tongpin_proto::{DESCRIPTORS, v1};
use tonic::{Request, Response, Status, Streaming};

use super::board::Board;
use super::desk::Desk;
use super::enrolment;
use super::live::LiveLinks;
use super::recorder::Recorder;
use super::session::{Caller, Session, Shared};
use crate::error::{Denial, LinkError, chain};
use crate::identity::{self, Peer};
use crate::site::Site;
use crate::tls;
use crate::token::hash_secret;
use crate::transfer::Transfers;

/// The largest message taken from a child, unpacked by gRPC: a batch is far smaller.
const LARGEST_MESSAGE: usize = 8 * 1024 * 1024;

/// The serving side of a site.
#[derive(Clone)]
pub struct Downlink {
    shared: Arc<Shared>,
    links: Arc<LiveLinks>,
    sessions: TaskTracker,
    token: CancellationToken,
}

impl Downlink {
    /// The links that are alive.
    #[must_use]
    pub fn links(&self) -> Arc<LiveLinks> {
        self.links.clone()
    }

    /// Every acknowledgement of a release, as it is heard: for progress displays and measurements. Whoever listens too
    /// slowly misses some; the database has them all.
    #[must_use]
    pub fn acknowledgements(&self) -> broadcast::Receiver<Head> {
        self.shared.acknowledgements.subscribe()
    }

    /// Who calls, from its certificate alone.
    fn peer<T>(&self, request: &Request<T>) -> Result<Peer, LinkError> {
        let certificates = request.peer_certs().ok_or(Denial::NoCertificate)?;
        let peer = identity::peer_of(&certificates)?;
        self.shared.site.admission.check(&peer.fingerprint, &peer.region)?;
        Ok(peer)
    }

    /// Who calls, asked of the database: a revocation bites on the next request, however it was made.
    async fn standing_peer<T>(&self, request: &Request<T>) -> Result<Peer, LinkError> {
        let peer = self.peer(request)?;
        let held = self.shared.site.store.certificate(&Digest(peer.fingerprint)).await?;
        match held {
            Some(held) if held.revoked_at.is_none() => Ok(peer),
            Some(_) => Err(Denial::Revoked(peer.region).into()),
            None => Err(Denial::Unknown(peer.region).into()),
        }
    }

    /// Keeps the board up to date and ends links of revoked certificates, until cancelled.
    async fn keep_board(self, board: watch::Sender<Arc<Board>>) {
        let mut changes = self.shared.site.changes();
        loop {
            changes.borrow_and_update();
            let admission = &self.shared.site.admission;
            self.links.drop_refused(|peer| admission.check(&peer.fingerprint, &peer.region));
            // Without children nothing is on offer: a stale board must not greet the next one, who brings a nudge.
            let loaded =
                if self.links.is_empty() { Ok(Board::default()) } else { Board::load(&self.shared.site).await };
            match loaded {
                Ok(fresh) => drop(board.send_replace(Arc::new(fresh))),
                Err(error) => tracing::warn!(error = %chain(&error), "what is on offer could not be read"),
            }
            tokio::select! {
                () = self.token.cancelled() => return,
                changed = changes.changed() => if changed.is_err() { return },
            }
        }
    }
}

/// Serves children on a listener until cancelled. Returns the serving side at once; the future runs it.
///
/// # Errors
/// The future fails if the server cannot run.
pub fn serve(
    site: Arc<Site>,
    listener: TcpListener,
    token: CancellationToken,
) -> (Downlink, impl Future<Output = Result<(), LinkError>> + Send) {
    let (board, watched) = watch::channel(Arc::new(Board::default()));
    let (recorder, recording) = Recorder::start(site.clone(), token.clone());
    let shared = Arc::new(Shared {
        desk: Desk::new(site.clone()),
        site: site.clone(),
        transfers: Transfers::default(),
        recorder,
        acknowledgements: broadcast::Sender::new(256),
        board: watched,
    });
    let downlink = Downlink { shared, links: Arc::default(), sessions: TaskTracker::new(), token: token.clone() };
    // It is large: whoever awaits it should not have to hold it.
    let running = Box::pin(run(downlink.clone(), site, listener, token, board, recording));
    (downlink, running)
}

async fn run(
    downlink: Downlink,
    site: Arc<Site>,
    listener: TcpListener,
    token: CancellationToken,
    board: watch::Sender<Arc<Board>>,
    recording: impl Future<Output = ()> + Send,
) -> Result<(), LinkError> {
    let (health_reporter, health) = tonic_health::server::health_reporter();
    health_reporter.set_serving::<LinkServer<Downlink>>().await;
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()
        .map_err(|error| LinkError::Internal(error.to_string()))?;
    let guard = downlink.clone();
    // Health and reflection, like everything but enrolment, are for admitted certificates only.
    let admitted = move |request: Request<()>| match guard.peer(&request) {
        Ok(_) => Ok(request),
        Err(error) => Err(refuse(&error, "a call", request.remote_addr())),
    };
    let incoming = tls::incoming(listener, site.tls.clone(), token.clone());
    let server = tonic::transport::Server::builder()
        .http2_keepalive_interval(Some(Duration::from_secs(20)))
        .http2_keepalive_timeout(Some(Duration::from_secs(20)))
        // One stream per child and few calls beside it: small windows keep an idle link small.
        .initial_stream_window_size(1024 * 1024)
        .initial_connection_window_size(2 * 1024 * 1024)
        .max_concurrent_streams(16)
        .add_service(EnrolmentServer::new(downlink.clone()))
        .add_service(LinkServer::new(downlink.clone()).max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(tonic::service::interceptor::InterceptedService::new(health, admitted.clone()))
        .add_service(tonic::service::interceptor::InterceptedService::new(reflection, admitted))
        .serve_with_incoming_shutdown(incoming, token.clone().cancelled_owned());
    let (served, (), (), ()) = tokio::join!(
        async {
            let served = server.await;
            downlink.sessions.close();
            downlink.sessions.wait().await;
            served
        },
        downlink.clone().keep_board(board),
        recording,
        site.keep_own_certificate(&token),
    );
    served.map_err(|error| LinkError::Internal(chain(&error)))
}

#[tonic::async_trait]
impl Enrolment for Downlink {
    async fn enrol(&self, request: Request<v1::EnrolRequest>) -> Result<Response<v1::Certificates>, Status> {
        let from = request.remote_addr();
        let request = request.into_inner();
        // The hash tells which invitation it was, and cannot be used as one.
        let token = hash_secret(&request.secret).short();
        let enrolled = enrolment::enrol(&self.shared.site, request).await;
        if let Err(error) = &enrolled {
            tracing::warn!(token, reason = %chain(error), "a token was refused");
        }
        answer(enrolled, "enrolment", from)
    }

    async fn renew(&self, request: Request<v1::RenewRequest>) -> Result<Response<v1::Certificates>, Status> {
        let from = request.remote_addr();
        let renewed = match self.standing_peer(&request).await {
            Ok(peer) => enrolment::renew(&self.shared.site, &peer, request.into_inner()).await,
            Err(error) => Err(error),
        };
        answer(renewed, "renewal", from)
    }
}

/// Refusals are logged at this end with the reason; the caller gets the same reason as a status.
fn answer<T>(
    result: Result<T, LinkError>,
    what: &'static str,
    from: Option<std::net::SocketAddr>,
) -> Result<Response<T>, Status> {
    result.map(Response::new).map_err(|error| refuse(&error, what, from))
}

fn refuse(error: &LinkError, what: &'static str, from: Option<std::net::SocketAddr>) -> Status {
    tracing::warn!(from = ?from, reason = %chain(error), "{what} refused");
    error.to_status()
}

#[tonic::async_trait]
impl Link for Downlink {
    type FollowStream = Pin<Box<dyn Stream<Item = Result<v1::Downward, Status>> + Send>>;

    async fn follow(&self, request: Request<Streaming<v1::Upward>>) -> Result<Response<Self::FollowStream>, Status> {
        let from = request.remote_addr();
        let peer = match self.standing_peer(&request).await {
            Ok(peer) => peer,
            Err(error) => return answer(Err(error), "a link", from),
        };
        let (outlet, outgoing) = mpsc::channel(1);
        let address = from.map(|from| from.ip().to_string()).unwrap_or_default();
        let caller = Caller { peer, address, links: self.links.clone() };
        let session = Session::new(self.shared.clone(), caller, outlet);
        let (inbound, token) = (request.into_inner(), self.token.child_token());
        self.sessions.spawn(async move { session.run(inbound, token).await });
        Ok(Response::new(Box::pin(ReceiverStream::new(outgoing).map(|message| *message))))
    }
}
