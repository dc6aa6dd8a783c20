//! Serves the console on an address: the headers that every answer carries, and who may name this machine.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request};
use axum::http::header::Entry;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_stream::{Stream, StreamExt as _};
use tokio_util::sync::CancellationToken;
use tower::Layer as _;

use super::origin::Origin;
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

/// How long a browser may take for the head of a request, the first or the next on its connection.
const HEAD_LIMIT: Duration = Duration::from_secs(20);

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

/// Serves the console at a local address, on connections that come with the one they are from, until the token is
/// cancelled. On a loopback address only names of loopback are answered, so that a page on the web cannot read this one
/// by pointing its own name here.
pub async fn serve<S, C>(incoming: S, address: SocketAddr, web: Web, token: CancellationToken)
where
    S: Stream<Item = io::Result<(C, SocketAddr)>> + Unpin + Send + 'static,
    C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    run(incoming, behind_guard(web, address.ip().is_loopback(), false), token).await;
}

/// Serves the console on connections whose TLS handshake is done, as [`serve`] does on plain ones. Cookies set here
/// travel over TLS only.
pub async fn serve_secured<S, C>(incoming: S, address: SocketAddr, web: Web, token: CancellationToken)
where
    S: Stream<Item = io::Result<(C, SocketAddr)>> + Unpin + Send + 'static,
    C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    run(incoming, behind_guard(web, address.ip().is_loopback(), true), token).await;
}

async fn run<S, C>(mut incoming: S, router: Router, token: CancellationToken)
where
    S: Stream<Item = io::Result<(C, SocketAddr)>> + Unpin + Send + 'static,
    C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_LIMIT);
    let graceful = GracefulShutdown::new();
    loop {
        let next = tokio::select! {
            () = token.cancelled() => break,
            next = incoming.next() => next,
        };
        match next {
            Some(Ok((stream, from))) => {
                let service = Extension(ConnectInfo(Peer(from))).layer(router.clone());
                let service = TowerToHyperService::new(service);
                let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
                let served = graceful.watch(connection);
                tokio::spawn(async move {
                    if let Err(error) = served.await {
                        tracing::debug!(%from, %error, "a connection to the console broke");
                    }
                });
            }
            Some(Err(error)) => tracing::debug!(%error, "a connection went away before it was served"),
            // The source ends when the program stops.
            None => {
                token.cancelled().await;
                break;
            }
        }
    }
    // A reader may hold up the end of the program for a moment only.
    let _ = tokio::time::timeout(PATIENCE, graceful.shutdown()).await;
}

/// Every page, behind the guard that [`serve`] puts before them.
pub fn guarded(web: Web, local_only: bool) -> Router {
    behind_guard(web, local_only, false)
}

pub(super) fn behind_guard(web: Web, local_only: bool, secure: bool) -> Router {
    let proxies: Arc<[IpAddr]> = web.program().proxies.as_slice().into();
    let guard = move |mut request: Request, next: Next| {
        let peer = request.extensions().get::<ConnectInfo<Peer>>().map(|info| info.0.0);
        let origin = Origin::of(peer, request.headers(), secure, &proxies);
        request.extensions_mut().insert(origin.clone());
        guard(local_only, origin.secure, request, next)
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
