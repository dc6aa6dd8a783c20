//! Serves the status page on a plain address, to be kept on the loopback interface: it has no sign-in.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{RawQuery, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tongpin_domain::lang::Lang;

use super::{StatusPage, View, document};

/// Where the page is served unless the settings say otherwise: seen from this machine alone.
#[must_use]
pub fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

/// How long a reader may hold up the end of the program.
const PATIENCE: Duration = Duration::from_secs(3);

/// What every answer carries, so that a browser neither runs, loads, embeds nor keeps anything.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Serves `GET /` (the page, made anew for each reader) and `GET /healthz` (the process answers) until the token is
/// cancelled. Other methods get 405. On a loopback address only names of loopback are answered, so that a page on the
/// web cannot read this one by pointing its own name here.
pub async fn serve<F, M>(listener: TcpListener, make_page: F, token: CancellationToken) -> io::Result<()>
where
    F: Fn(Lang) -> M + Send + Sync + 'static,
    M: Future<Output = StatusPage> + Send + 'static,
{
    let local_only = listener.local_addr()?.ip().is_loopback();
    let make_page = Arc::new(make_page);
    let show = move |RawQuery(query): RawQuery| {
        let view = View::of_query(query.as_deref());
        let making = make_page(view.lang);
        async move { document(&making.await, view) }
    };
    let router = Router::new()
        .route("/", get(show))
        .route("/healthz", get(|| async { "ok\n" }))
        .fallback(|| async { (StatusCode::NOT_FOUND, "没有此页 | no such page\n") })
        .layer(middleware::from_fn(move |request: Request, next: Next| guard(local_only, request, next)));
    let ended = token.clone();
    let serving = axum::serve(listener, router).with_graceful_shutdown(ended.cancelled_owned());
    tokio::select! {
        result = serving => result,
        () = async { token.cancelled().await; tokio::time::sleep(PATIENCE).await } => Ok(()),
    }
}

/// Turns strange host names away and puts the headers on whatever goes out.
async fn guard(local_only: bool, request: Request, next: Next) -> Response {
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
    response
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

#[cfg(test)]
mod tests;
