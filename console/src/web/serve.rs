//! Serves the console on an address: the headers that every answer carries, and who may name this machine.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request};
use axum::http::header::Entry;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_stream::{Stream, StreamExt as _};
use tokio_util::sync::CancellationToken;

use super::arrival::Arrival;
use super::{Web, router};

/// How long a reader may hold up the end of the program.
const PATIENCE: Duration = Duration::from_secs(3);

/// What every answer carries, so that a browser runs and loads nothing but what comes from here, keeps nothing, and
/// sends forms nowhere else.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Who came over HTTPS once is not led back to plain HTTP for a year, whatever link they follow.
const KEEP_SECURE: &str = "max-age=31536000";

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

impl Connected<IncomingStream<'_, TcpListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// Connections that somebody else made secure.
struct Secured<S> {
    incoming: S,
    address: SocketAddr,
}

impl<S, C> Listener for Secured<S>
where
    S: Stream<Item = io::Result<(C, SocketAddr)>> + Unpin + Send + 'static,
    C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Io = C;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (C, SocketAddr) {
        loop {
            match self.incoming.next().await {
                Some(Ok(accepted)) => return accepted,
                Some(Err(error)) => tracing::debug!(%error, "a connection went away before it was served"),
                // The source has ended, which it does when the program stops: there is nothing to wait for.
                None => return std::future::pending().await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl<S> Connected<IncomingStream<'_, Secured<S>>> for Peer
where
    Secured<S>: Listener<Addr = SocketAddr>,
{
    fn connect_info(stream: IncomingStream<'_, Secured<S>>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// Serves the console until the token is cancelled. On a loopback address only names of loopback are answered, so that
/// a page on the web cannot read this one by pointing its own name here.
///
/// # Errors
/// The address cannot be served.
pub async fn serve(listener: TcpListener, web: Web, token: CancellationToken) -> io::Result<()> {
    run(listener, web, token, false).await
}

/// Serves the console on connections whose TLS handshake is done, as [`serve`] does on plain ones. Cookies set here
/// travel over TLS only.
///
/// # Errors
/// As [`serve`].
pub async fn serve_secured<S, C>(incoming: S, address: SocketAddr, web: Web, token: CancellationToken) -> io::Result<()>
where
    S: Stream<Item = io::Result<(C, SocketAddr)>> + Unpin + Send + 'static,
    C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    run(Secured { incoming, address }, web, token, true).await
}

async fn run<L>(listener: L, web: Web, token: CancellationToken, secure: bool) -> io::Result<()>
where
    L: Listener<Addr = SocketAddr>,
    Peer: for<'a> Connected<IncomingStream<'a, L>>,
{
    let local_only = listener.local_addr()?.ip().is_loopback();
    let router = behind_guard(web, local_only, secure).into_make_service_with_connect_info::<Peer>();
    let ended = token.clone();
    let serving = axum::serve(listener, router).with_graceful_shutdown(ended.cancelled_owned());
    tokio::select! {
        result = serving => result,
        () = async { token.cancelled().await; tokio::time::sleep(PATIENCE).await } => Ok(()),
    }
}

/// Every page, behind the guard that [`serve`] puts before them.
pub fn guarded(web: Web, local_only: bool) -> Router {
    behind_guard(web, local_only, false)
}

pub(super) fn behind_guard(web: Web, local_only: bool, secure: bool) -> Router {
    let proxies: Arc<[IpAddr]> = web.program().proxies.as_slice().into();
    let guard = move |mut request: Request, next: Next| {
        let peer = request.extensions().get::<ConnectInfo<Peer>>().map(|info| info.0.0);
        let arrival = Arrival::of(peer, request.headers(), secure, &proxies);
        request.extensions_mut().insert(arrival.clone());
        guard(local_only, arrival.secure, request, next)
    };
    router(web).layer(middleware::from_fn(guard))
}

/// Turns strange host names away and puts the headers on whatever goes out.
async fn guard(local_only: bool, secure: bool, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let mut response = if local_only && !host.is_none_or(is_local_name) {
        (StatusCode::MISDIRECTED_REQUEST, "请用 localhost 或 127.0.0.1 访问 | use localhost or 127.0.0.1\n")
            .into_response()
    } else {
        next.run(request).await
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if secure {
        let keep = HeaderValue::from_static(KEEP_SECURE);
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, keep);
        keep_cookies_secure(response.headers_mut());
    }
    response
}

/// Marks every cookie as one that travels over TLS only: here it is known that it can.
fn keep_cookies_secure(headers: &mut HeaderMap) {
    let Entry::Occupied(mut cookies) = headers.entry(header::SET_COOKIE) else { return };
    for cookie in cookies.iter_mut() {
        let marked = [cookie.as_bytes(), b"; Secure"].concat();
        if let Ok(marked) = HeaderValue::from_bytes(&marked) {
            *cookie = marked;
        }
    }
}

/// `localhost` or a number; a number cannot be pointed elsewhere by whoever owns a name.
fn is_local_name(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok()
}
