//! Real TLS over loopback: two ends that know each other by their certificates, and how the tests bring them together.

mod changes;
mod crowd;
mod lost;
mod refusals;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_stream::StreamExt as _;
use tokio_util::sync::{CancellationToken, DropGuard};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Server};
use tonic::{Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use super::*;
use crate::identity::tests::{DAY, NOW, city, code, days, enrol, enrol_for, forged_identity, forged_with_names};
use crate::identity::{Identity, fingerprint_of, peer_of};
use crate::token::Token;

/// A clock that a test sets.
fn clock() -> (Arc<AtomicI64>, Clock) {
    let millis = Arc::new(AtomicI64::new(NOW.0));
    let shown = Arc::clone(&millis);
    (millis, Clock::new(move || Moment(shown.load(Ordering::SeqCst))))
}

/// A register of children as a test fills it.
#[derive(Debug, Default)]
struct Register(Mutex<HashMap<[u8; 32], Option<Refused>>>);

impl Register {
    fn of(children: &[&Identity]) -> Arc<Self> {
        let register = Self::default();
        for child in children {
            register.note(child, None);
        }
        Arc::new(register)
    }

    fn note(&self, child: &Identity, standing: Option<Refused>) {
        self.0.lock().expect("no test panics while it holds the lock").insert(child.fingerprint(), standing);
    }
}

impl Gate for Register {
    fn admit(&self, fingerprint: &[u8; 32], _: &RegionCode) -> Result<(), Refused> {
        let register = self.0.lock().expect("no test panics while it holds the lock");
        match register.get(fingerprint) {
            None => Err(Refused::Unknown),
            Some(None) => Ok(()),
            Some(Some(refused)) => Err(*refused),
        }
    }
}

/// A parent that serves gRPC health and tells each caller who it is taken for.
struct Parent {
    address: SocketAddr,
    root: Digest,
    tls: Arc<ReloadableTls>,
    millis: Arc<AtomicI64>,
    _stop: DropGuard,
}

async fn serve(identity: &Identity, register: Arc<Register>) -> Parent {
    serve_limited(identity, register, Limits::default()).await
}

async fn serve_limited(identity: &Identity, register: Arc<Register>, limits: Limits) -> Parent {
    let (millis, clock) = clock();
    let tls = ReloadableTls::new(identity, None, register, clock).expect("a configuration");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let token = CancellationToken::new();
    let doors = incoming(listener, Arc::clone(&tls), limits, token.clone());
    let streams = doors.children.merge(doors.guests);
    let (_, health) = tonic_health::server::health_reporter();
    let service = InterceptedService::new(health, tell_caller);
    let stopped = token.clone().cancelled_owned();
    tokio::spawn(Server::builder().add_service(service).serve_with_incoming_shutdown(streams, stopped));
    Parent { address, root: identity.root_fingerprint(), tls, millis, _stop: token.drop_guard() }
}

/// Answers every call with the caller's region, or `nobody`.
#[expect(clippy::needless_pass_by_value, reason = "an interceptor is given the request")]
fn tell_caller(request: Request<()>) -> Result<Request<()>, Status> {
    let caller = match request.peer_certs() {
        Some(chain) => peer_of(&chain).map_err(|error| Status::internal(error.to_string()))?.region.to_string(),
        None => "nobody".to_owned(),
    };
    Err(Status::already_exists(caller))
}

async fn ask(channel: Channel) -> Status {
    let request = HealthCheckRequest { service: String::new() };
    HealthClient::new(channel).check(request).await.expect_err("the parent answers with a status")
}

/// What a child is taken for by its parent, or why there is no connection.
async fn visit(child: &Identity, parent_region: &str, parent: &Parent) -> Result<String, String> {
    let (millis, clock) = clock();
    millis.store(parent.millis.load(Ordering::SeqCst), Ordering::SeqCst);
    visit_with(child, parent_region, &parent.address.to_string(), clock).await
}

async fn visit_with(child: &Identity, parent_region: &str, address: &str, clock: Clock) -> Result<String, String> {
    let tls = ReloadableTls::new(child, Some(code(parent_region)), Register::of(&[]), clock).expect("a configuration");
    greeting(Connector::new(tls), address).await
}

async fn greeting(connector: Connector, address: &str) -> Result<String, String> {
    let endpoint = Connector::endpoint(address).expect("an address");
    let status = ask(endpoint.connect_with_connector_lazy(connector)).await;
    match ConnectError::find_in(&status) {
        None => Ok(status.message().to_owned()),
        Some(error) => {
            assert!(!error.say(Lang::Zh).is_empty() && !error.say(Lang::En).is_empty());
            Err(format!("{error:?}").split([' ', '{']).next().unwrap_or_default().to_owned())
        }
    }
}

fn refused(reason: &str) -> Result<String, String> {
    Err(reason.to_owned())
}

/// City, county and township know each other by their certificates, on both links.
#[tokio::test]
async fn mutual_and_the_region_is_read() {
    let city = city();
    let county = enrol(&city, "320581");
    let town = enrol(&county, "320581101");
    let hub = serve(&city, Register::of(&[&county])).await;
    let node = serve(&county, Register::of(&[&town])).await;
    assert_eq!(visit(&county, "320500", &hub).await, Ok("320581".into()));
    assert_eq!(visit(&town, "320581", &node).await, Ok("320581101".into()));
}

/// An invitation is enough to reach the parent as nobody, at a county as well as at the city: the root in the presented
/// chain is recognised by its fingerprint.
#[tokio::test]
async fn joining_with_an_invitation() {
    let city = city();
    let county = enrol(&city, "320581");
    for (parent, region, child) in [(&city, "320500", "320581"), (&county, "320581", "320581101")] {
        let server = serve(parent, Register::of(&[])).await;
        let address = server.address.to_string();
        let join = |root: &Digest, parent: &str, child: &str| {
            let token = Token::generate(&address, &code(parent), &code(child), root).expect("a token");
            greeting(Connector::for_join(&token, &clock().1).expect("a connector"), &address)
        };
        assert_eq!(join(&city.root_fingerprint(), region, child).await, Ok("nobody".into()));
        assert_eq!(join(&Digest([7; 32]), region, child).await, refused("WrongRoot"));
        assert_eq!(join(&city.root_fingerprint(), "320582", "320582101").await, refused("WrongRegion"));
    }
}
