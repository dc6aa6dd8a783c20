//! Serves the console on an address: the headers that every answer carries, and who may name this machine.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

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

/// Serves the console until the token is cancelled. On a loopback address only names of loopback are answered, so that
/// a page on the web cannot read this one by pointing its own name here.
///
/// # Errors
/// The address cannot be served.
pub async fn serve(listener: TcpListener, web: Web, token: CancellationToken) -> io::Result<()> {
    let local_only = listener.local_addr()?.ip().is_loopback();
    let router = guarded(web, local_only).into_make_service_with_connect_info::<SocketAddr>();
    let ended = token.clone();
    let serving = axum::serve(listener, router).with_graceful_shutdown(ended.cancelled_owned());
    tokio::select! {
        result = serving => result,
        () = async { token.cancelled().await; tokio::time::sleep(PATIENCE).await } => Ok(()),
    }
}

/// Every page, behind the guard that [`serve`] puts before them.
pub fn guarded(web: Web, local_only: bool) -> axum::Router {
    router(web).layer(middleware::from_fn(move |request: Request, next: Next| guard(local_only, request, next)))
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
