//! The gRPC server: its services, who a caller is, and the links that are alive.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::net::TcpListener;
use tokio::sync::{broadcast, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tongpin_domain::catalog::Head;
use tongpin_domain::digest::Digest;
use tongpin_proto::v1::enrolment_server::{Enrolment, EnrolmentServer};
use tongpin_proto::v1::link_server::{Link, LinkServer};
use tongpin_proto::{DESCRIPTORS, v1};
use tonic::service::Routes;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Server;
use tonic::{Request, Response, Status, Streaming};

use super::admission::KeepAdmission;
use super::batch::BatchReceiver;
use super::board::KeepBoard;
use super::live::LiveLinks;
use super::patience::Patience;
use super::recorder::Recorder;
use super::recovery::Recovery;
use super::registrar::Registrar;
use super::session::{Caller, Session, Shared};
use super::{enrolment, inbox};
use crate::error::{CROWDED, Denial, LinkError, chain};
use crate::identity::{self, Peer};
use crate::log_limit::LogLimit;
use crate::reconcile;
use crate::site::{OwnCertificate, Site};
use crate::tls::{self, Doors, Incoming, Limits, origin};
use crate::token::hash_secret;
use crate::transfer::Transfers;

/// The largest message taken from a child, unpacked by gRPC: a batch is far smaller.
const LARGEST_MESSAGE: usize = 8 * 1024 * 1024;

/// The largest request to join: two keys, a secret and a signature.
const LARGEST_REQUEST: usize = 16 * 1024;
/// Lines a minute about callers without a certificate and tokens that are none.
const REFUSALS_TOLD: u64 = 20;

/// The serving side of a site.
#[derive(Clone)]
pub struct Downlink {
    shared: Arc<Shared>,
    links: Arc<LiveLinks>,
    sessions: TaskTracker,
    patience: Arc<Patience>,
    refusals: Arc<LogLimit>,
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
}

/// Serves children on a listener until cancelled. Returns the serving side at once; the future runs it.
///
/// # Errors
/// The future fails if the server cannot run.
pub fn serve(
    site: Arc<Site>,
    listener: TcpListener,
    token: CancellationToken,
) -> (Downlink, BoxFuture<'static, Result<(), LinkError>>) {
    serve_limited(site, listener, Limits::default(), token)
}

/// The same with other limits to who connects.
///
/// # Errors
/// As [`serve`].
pub fn serve_limited(
    site: Arc<Site>,
    listener: TcpListener,
    limits: Limits,
    token: CancellationToken,
) -> (Downlink, BoxFuture<'static, Result<(), LinkError>>) {
    let (recorder, recording) = Recorder::start(site.clone(), token.clone());
    let (registrar, registering) = Registrar::start(site.clone(), token.clone());
    let shared = Arc::new(Shared {
        receiver: BatchReceiver::registered(site.clone(), registrar),
        site: site.clone(),
        transfers: Transfers::default(),
        recovery: Recovery::default(),
        recorder,
        acknowledgements: broadcast::Sender::new(256),
        board: Arc::default(),
        unread: Arc::default(),
        room: inbox::room(),
    });
    let downlink = Downlink {
        shared,
        links: Arc::default(),
        sessions: TaskTracker::new(),
        patience: Arc::default(),
        refusals: Arc::new(LogLimit::of(REFUSALS_TOLD)),
        token: token.clone(),
    };
    let doors = tls::incoming(listener, site.tls.clone(), limits, token.clone());
    // It is large: whoever awaits it should neither hold it nor have to compile it.
    let running: BoxFuture<'static, _> = Box::pin(run(downlink.clone(), site, doors, token, async {
        tokio::join!(recording, registering);
    }));
    (downlink, running)
}

async fn run(
    downlink: Downlink,
    site: Arc<Site>,
    doors: Doors,
    token: CancellationToken,
    writing: impl Future<Output = ()> + Send,
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
        Err(error) => Err(guard.refuse(&error, "a call", request.remote_addr())),
    };
    let enrolment = EnrolmentServer::new(downlink.clone()).max_decoding_message_size(LARGEST_REQUEST);
    let routes = Routes::new(enrolment)
        .add_service(LinkServer::new(downlink.clone()).max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(InterceptedService::new(health, admitted.clone()))
        .add_service(InterceptedService::new(reflection, admitted));
    // Whoever has no certificate is told so by the same services, over a door with little room.
    let guests = Server::builder()
        .initial_stream_window_size(64 * 1024)
        .initial_connection_window_size(64 * 1024)
        .max_concurrent_streams(4)
        .http2_max_header_list_size(8 * 1024);
    let children = Server::builder()
        .http2_keepalive_interval(Some(Duration::from_secs(20)))
        .http2_keepalive_timeout(Some(Duration::from_secs(20)))
        // One stream per child and few calls beside it: small windows keep an idle link small.
        .initial_stream_window_size(1024 * 1024)
        .initial_connection_window_size(2 * 1024 * 1024)
        .max_concurrent_streams(16);
    let open = |mut server: Server, door: Incoming| {
        server.add_routes(routes.clone()).serve_with_incoming_shutdown(door, token.clone().cancelled_owned())
    };
    let (for_children, for_guests) = (open(children, doors.children), open(guests, doors.guests));
    let keep_board = KeepBoard {
        site: site.clone(),
        links: downlink.links.clone(),
        board: downlink.shared.board.clone(),
        unread: downlink.shared.unread.clone(),
    };
    let keep_admission = KeepAdmission { site: site.clone(), links: downlink.links.clone() };
    let (served, (), (), (), ()) = tokio::join!(
        async {
            let (served, at_the_door) = tokio::join!(for_children, for_guests);
            let served = served.and(at_the_door);
            downlink.sessions.close();
            downlink.sessions.wait().await;
            served
        },
        writing,
        reconcile::run(&site, keep_board, token.clone()),
        reconcile::run(&site, keep_admission, token.clone()),
        reconcile::run(&site, OwnCertificate(site.clone()), token.clone()),
    );
    served.map_err(|error| LinkError::Internal(chain(&error)))
}

#[tonic::async_trait]
impl Enrolment for Downlink {
    async fn enrol(&self, request: Request<v1::EnrolRequest>) -> Result<Response<v1::Certificates>, Status> {
        let from = request.remote_addr();
        let comer = from.map(|from| origin(from.ip()));
        let Some(_turn) = self.patience.turn(comer).await else {
            return Err(Status::resource_exhausted(CROWDED));
        };
        let request = request.into_inner();
        // The hash tells which invitation it was, and cannot be used as one.
        let token = hash_secret(&request.secret).short();
        let enrolled = enrolment::enrol(&self.shared.site, request).await;
        if let Err(error) = &enrolled {
            self.patience.failed(comer);
            if let Some(left_out) = self.refusals.next() {
                tracing::warn!(token, reason = %chain(error), left_out, "a token was refused");
            }
        }
        self.answer(enrolled, "enrolment", from)
    }

    async fn renew(&self, request: Request<v1::RenewRequest>) -> Result<Response<v1::Certificates>, Status> {
        let from = request.remote_addr();
        let renewed = match self.standing_peer(&request).await {
            Ok(peer) => enrolment::renew(&self.shared.site, &peer, request.into_inner()).await,
            Err(error) => Err(error),
        };
        self.answer(renewed, "renewal", from)
    }
}

impl Downlink {
    /// Refusals are logged at this end with the reason; the caller gets the same reason as a status.
    fn answer<T>(
        &self,
        result: Result<T, LinkError>,
        what: &'static str,
        from: Option<SocketAddr>,
    ) -> Result<Response<T>, Status> {
        result.map(Response::new).map_err(|error| self.refuse(&error, what, from))
    }

    fn refuse(&self, error: &LinkError, what: &'static str, from: Option<SocketAddr>) -> Status {
        if let Some(left_out) = self.refusals.next() {
            tracing::warn!(from = ?from, reason = %chain(error), left_out, "{what} refused");
        }
        error.to_status()
    }
}

#[tonic::async_trait]
impl Link for Downlink {
    type FollowStream = Pin<Box<dyn Stream<Item = Result<v1::Downward, Status>> + Send>>;

    async fn follow(&self, request: Request<Streaming<v1::Upward>>) -> Result<Response<Self::FollowStream>, Status> {
        let from = request.remote_addr();
        let peer = match self.standing_peer(&request).await {
            Ok(peer) => peer,
            Err(error) => return self.answer(Err(error), "a link", from),
        };
        let (outlet, outgoing) = mpsc::channel(1);
        let address = from.map(|from| from.ip().to_string()).unwrap_or_default();
        let caller = Caller { peer, address, links: self.links.clone() };
        let session = Box::new(Session::new(self.shared.clone(), caller, outlet));
        let letters = inbox::read(request.into_inner(), self.shared.room.clone());
        self.sessions.spawn(session.run(letters, self.token.child_token()));
        Ok(Response::new(Box::pin(ReceiverStream::new(outgoing).map(|message| *message))))
    }
}
