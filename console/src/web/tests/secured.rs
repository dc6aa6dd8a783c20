//! The console behind TLS: what is served on connections that were made secure elsewhere, and cookies that stay there.

use std::net::SocketAddr;

use axum::body::Body;
use axum::http::{Request, header};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::browser::Ground;
use crate::web::serve::behind_guard;
use crate::web::{serve, serve_secured};

/// Behind TLS a cookie is marked as one for TLS only, and browsers are told to keep to TLS; without it they are not, or
/// nobody could sign in.
#[tokio::test]
async fn cookies() {
    let ground = Ground::new().await;
    for (secure, due) in [(true, true), (false, false)] {
        let request = Request::post("/lang").header(header::HOST, "localhost");
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = request.body(Body::from("lang=en&back=/")).expect("a request");
        let router = behind_guard(ground.web.clone(), true, secure);
        let response = router.oneshot(request).await.expect("an answer");
        let kept = response.headers().get(header::STRICT_TRANSPORT_SECURITY).and_then(|it| it.to_str().ok());
        assert_eq!(kept, due.then_some("max-age=31536000"));
        let cookie = response.headers().get(header::SET_COOKIE).and_then(|it| it.to_str().ok()).expect("a cookie");
        assert!(cookie.starts_with("tongpin_lang=en; "), "{cookie}");
        assert_eq!(cookie.ends_with("; Secure"), due, "{cookie}");
    }
}

/// A connection that comes through its handshake is served as one over TLS, a plain one as such, and one that broke is
/// passed over.
#[tokio::test]
async fn connections() {
    let ground = Ground::new().await;
    for secured in [true, false] {
        let (mut ours, theirs) = tokio::io::duplex(4096);
        let from: SocketAddr = "10.1.2.3:9".parse().expect("an address");
        let incoming = tokio_stream::iter([Err(std::io::ErrorKind::ConnectionReset.into()), Ok((theirs, from))]);
        let (web, token) = (ground.web.clone(), CancellationToken::new());
        let (local, stop) = ("127.0.0.1:7412".parse().expect("an address"), token.clone());
        let serving = tokio::spawn(async move {
            if secured {
                serve_secured(incoming, local, web, stop).await;
            } else {
                serve(incoming, local, web, stop).await;
            }
        });
        let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        ours.write_all(request.as_bytes()).await.expect("taken");
        let mut answer = String::new();
        ours.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok\n"), "{answer}");
        assert_eq!(answer.contains("strict-transport-security: max-age=31536000"), secured, "{answer}");
        token.cancel();
        serving.await.expect("no crash");
    }
}
