//! Crowds of strangers: connections that say nothing, and callers without a certificate that stay. They push out one
//! another, and neither a child nor a newcomer.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::*;

/// More of each than there are places.
const CROWD: usize = 200;

fn limits() -> Limits {
    let (handshake, guest) = (Duration::from_hours(1), Duration::from_millis(300));
    Limits { handshakes: (32, 16), handshake, guests: (8, 4), guest, ..Limits::default() }
}

/// Reads until the other end has had enough.
pub(super) async fn held(mut stream: impl tokio::io::AsyncRead + Unpin) {
    let mut rest = [0; 1024];
    while let Ok(1..) = stream.read(&mut rest).await {}
}

/// Waits until so many of a crowd are gone.
pub(super) async fn gone(crowd: &mut JoinSet<()>, count: usize) {
    let all = async {
        for _ in 0..count {
            crowd.join_next().await.expect("one of them").expect("no crash");
        }
    };
    timeout(Duration::from_secs(20), all).await.expect("they are dropped in time");
}

/// Connections that never begin a handshake hold sixteen places of one address; a child comes in beside them, at once.
#[tokio::test(flavor = "multi_thread")]
async fn silence_keeps_nobody_out() {
    let city = city();
    let county = enrol(&city, "320581");
    let hub = serve_limited(&city, Register::of(&[&county]), limits()).await;
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        crowd.spawn(held(TcpStream::connect(hub.address).await.expect("connected")));
    }
    let came_in = timeout(Duration::from_secs(5), visit(&county, "320500", &hub)).await;
    assert_eq!(came_in.expect("at once"), Ok("320581".into()));
    gone(&mut crowd, CROWD - 16).await;
}

/// Callers without a certificate have four places of one address and a third of a second; a child that was there before
/// them stays, and another stranger who is in a hurry is served meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_few_and_brief() {
    let city = city();
    let county = enrol(&city, "320581");
    let hub = serve_limited(&city, Register::of(&[&county]), limits()).await;
    let (address, root) = (hub.address.to_string(), city.root_fingerprint());
    let tls = ReloadableTls::new(&county, Some(code("320500")), Register::of(&[]), clock().1).expect("a configuration");
    let endpoint = Connector::endpoint(&address).expect("an address");
    let child = endpoint.connect_with_connector(Connector::new(tls)).await.expect("connected");

    let config = join_config(&root, &code("320500"), &clock().1).expect("a configuration");
    let name = client::ClientSide::joining(&root, &code("320500"), &clock().1).expect("a side").name;
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD / 4 {
        let socket = TcpStream::connect(hub.address).await.expect("connected");
        let stream = TlsConnector::from(Arc::clone(&config)).connect(name.clone(), socket).await;
        crowd.spawn(held(stream.expect("a stranger may come in")));
    }
    let token = Token::generate(&address, &code("320500"), &code("320582"), &root).expect("a token");
    let hurried = Connector::for_join(&token, &clock().1).expect("a connector");
    assert_eq!(greeting(hurried, &address).await, Ok("nobody".into()));
    gone(&mut crowd, CROWD / 4).await;
    assert_eq!(ask(child).await.message(), "320581", "the child's connection is the one it had");
}

/// Pages have places of their own: of those from one address the oldest goes, and one that lies idle does too.
#[tokio::test(flavor = "multi_thread")]
async fn pages_are_few_for_each() {
    let limits = Limits { pages: (8, 4), page_idle: Duration::from_millis(200), ..Limits::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let token = CancellationToken::new();
    let mut pages = plain_pages(listener, limits, token.clone());
    let mut served = JoinSet::new();
    let mut browsers = Vec::new();
    for _ in 0..10 {
        browsers.push(TcpStream::connect(address).await.expect("connected"));
        let (stream, from) = pages.next().await.expect("a connection").expect("accepted");
        assert!(from.ip().is_loopback());
        served.spawn(held(stream));
    }
    gone(&mut served, 6).await;
    gone(&mut served, 4).await;
    token.cancel();
    assert!(pages.next().await.is_none());
}
