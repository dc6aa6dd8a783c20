//! A place that is given up ends the connection that held it, whatever its holder does; so does the end of a
//! handshake's time. Here nothing else can end a connection: no other time runs out within an hour.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::crowd::{gone, held};
use super::*;

/// Beyond the end of any test.
const NEVER: Duration = Duration::from_hours(1);
/// How long an end may take that comes at once.
const SOON: Duration = Duration::from_secs(20);

/// Two places for each comer.
fn limits() -> Limits {
    Limits {
        handshakes: (8, 2),
        handshake: NEVER,
        guests: (8, 2),
        guest: NEVER,
        each_child: 2,
        pages: (8, 2),
        page_idle: NEVER,
    }
}

/// Of three connections of one comer, each served and then left alone, the first is over at both ends once the third is
/// there; the other two go on.
async fn the_first_gives_way<S, C>(mut connect: impl AsyncFnMut() -> (S, C))
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    C: AsyncRead + AsyncWrite + Unpin,
{
    let (mut first, mut caller) = connect().await;
    let reading = tokio::spawn(async move { first.read_u8().await.map_err(|error| error.kind()) });
    let others = [connect().await, connect().await];
    let ended = timeout(SOON, reading).await.expect("it ends with its place").expect("no crash");
    assert_eq!(ended, Err(io::ErrorKind::TimedOut));
    assert!(timeout(SOON, caller.read_u8()).await.expect("the caller notices").is_err());
    for (mut served, mut caller) in others {
        served.write_all(b"!").await.expect("it goes on");
        served.flush().await.expect("it goes on");
        assert_eq!(timeout(SOON, caller.read_u8()).await.expect("at once").expect("it goes on"), b'!');
    }
}

/// The doors of a city, with nobody behind them.
async fn doors(identity: &Identity, register: Arc<Register>) -> (SocketAddr, Doors, DropGuard) {
    let tls = ReloadableTls::new(identity, None, register, clock().1).expect("a configuration");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let token = CancellationToken::new();
    (address, incoming(listener, tls, limits(), token.clone()), token.drop_guard())
}

async fn come(address: SocketAddr, side: &client::ClientSide) -> TlsStream<TcpStream> {
    let socket = TcpStream::connect(address).await.expect("connected");
    let connector = TlsConnector::from(Arc::clone(&side.config));
    connector.connect(side.name.clone(), socket).await.expect("let in")
}

/// Callers without a certificate: the third of one address takes the place of the first.
#[tokio::test]
async fn a_guest_gives_way() {
    let city = city();
    let (address, mut doors, _stop) = doors(&city, Register::of(&[])).await;
    let root = city.root_fingerprint();
    let side = client::ClientSide::joining(&root, &code("320500"), &clock().1).expect("a configuration");
    Box::pin(the_first_gives_way(async || {
        let caller = come(address, &side).await;
        (doors.guests.next().await.expect("a guest").expect("let in"), caller)
    }))
    .await;
}

/// A child with three connections loses the first of them.
#[tokio::test]
async fn a_child_gives_way() {
    let city = city();
    let county = enrol(&city, "320581");
    let (address, mut doors, _stop) = doors(&city, Register::of(&[&county])).await;
    let side = client::ClientSide::of(&county, &code("320500"), &clock().1).expect("a configuration");
    Box::pin(the_first_gives_way(async || {
        let caller = come(address, &side).await;
        (doors.children.next().await.expect("a child").expect("let in"), caller)
    }))
    .await;
}

/// A browser's third connection takes the place of its first, as long as that one lies open.
#[tokio::test]
async fn a_page_gives_way() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let token = CancellationToken::new();
    let mut pages = plain_pages(listener, limits(), token.clone());
    let _stop = token.drop_guard();
    the_first_gives_way(async || {
        let caller = TcpStream::connect(address).await.expect("connected");
        let (served, _) = pages.next().await.expect("a connection").expect("accepted");
        (served, caller)
    })
    .await;
}

/// A caller that never begins its handshake gives way to others of its address, one of which may still begin.
#[tokio::test]
async fn a_handshake_gives_way() {
    let city = city();
    let hub = serve_limited(&city, Register::of(&[]), limits()).await;
    let mut callers = Vec::new();
    for _ in 0..3 {
        callers.push(TcpStream::connect(hub.address).await.expect("connected"));
    }
    let last = callers.pop().expect("the third");
    timeout(SOON, held(callers.remove(0))).await.expect("the first is dropped");
    let root = city.root_fingerprint();
    let side = client::ClientSide::joining(&root, &code("320500"), &clock().1).expect("a configuration");
    TlsConnector::from(Arc::clone(&side.config)).connect(side.name.clone(), last).await.expect("let in");
}

/// A caller that says nothing and one that stops in the middle of its first word are dropped when the time of a
/// handshake is over, though there are places for more.
#[tokio::test]
async fn a_handshake_has_its_time() {
    let limits = Limits { handshake: Duration::from_millis(200), ..limits() };
    let hub = serve_limited(&city(), Register::of(&[]), limits).await;
    let silent = TcpStream::connect(hub.address).await.expect("connected");
    let mut halting = TcpStream::connect(hub.address).await.expect("connected");
    // The head of a record of 512 bytes, and the first of them.
    halting.write_all(&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01]).await.expect("written");
    let mut callers = JoinSet::new();
    callers.spawn(held(silent));
    callers.spawn(held(halting));
    gone(&mut callers, 2).await;
}
