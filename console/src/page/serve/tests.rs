//! Shows over real TCP what the server answers, what it turns away, and that it stops.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::*;
use crate::net;
use crate::page::Fact;
use crate::state::State;

async fn begin() -> (SocketAddr, CancellationToken, JoinHandle<io::Result<()>>) {
    let listener = net::bind(&loopback(0).to_string()).await.expect("any port");
    let address = listener.local_addr().expect("an address");
    let token = CancellationToken::new();
    let make_page = |lang: Lang| async move {
        let facts = vec![Fact::new(lang.pick("上级", "Parent"), "320500", State::Good)];
        StatusPage { title: lang.pick("同频节点", "Tongpin node").into(), facts, tables: Vec::new() }
    };
    let serving = tokio::spawn(serve(listener, make_page, token.clone()));
    (address, token, serving)
}

async fn ask(address: SocketAddr, method: &str, path: &str, host: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

/// Shows the page in Chinese first and in English on request, and the health answer.
#[tokio::test]
async fn page_and_health_are_served() {
    let (address, _token, _serving) = begin().await;
    let chinese = ask(address, "GET", "/", "localhost").await;
    assert_eq!(status(&chinese), "200");
    assert!(
        chinese.contains("content-type: text/html; charset=utf-8") && chinese.contains("<h1>同频节点"),
        "{chinese}"
    );
    assert!(ask(address, "GET", "/?lang=en", "127.0.0.1:8400").await.contains("<h1>Tongpin node"));
    let health = ask(address, "GET", "/healthz", "localhost:8400").await;
    assert!(status(&health) == "200" && health.ends_with("\r\n\r\nok\n"), "{health}");
}

/// Shows that nothing but reading is possible, and that no other path exists.
#[tokio::test]
async fn other_methods_and_paths_are_refused() {
    let (address, _token, _serving) = begin().await;
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        assert_eq!(status(&ask(address, method, "/", "localhost").await), "405", "{method}");
        assert_eq!(status(&ask(address, method, "/healthz", "localhost").await), "405", "{method}");
    }
    assert_eq!(status(&ask(address, "GET", "/../etc/passwd", "localhost").await), "404");
}

/// Shows that every answer, refusals included, forbids scripts, framing, sniffing, referrers and keeping.
#[tokio::test]
async fn every_answer_carries_the_headers() {
    let (address, _token, _serving) = begin().await;
    for (method, path, host) in [
        ("GET", "/", "localhost"),
        ("POST", "/", "localhost"),
        ("GET", "/x", "localhost"),
        ("GET", "/", "evil.example"),
    ] {
        let answer = ask(address, method, path, host).await;
        let head = answer.split("\r\n\r\n").next().unwrap_or_default();
        for line in [
            "content-security-policy: default-src 'none'; style-src 'unsafe-inline';",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "x-frame-options: DENY",
            "cache-control: no-store",
        ] {
            assert!(head.contains(line), "{method} {path} {host}: {line} is missing in {head}");
        }
    }
}

/// Shows that a foreign name that was pointed at loopback is not answered with the page.
#[tokio::test]
async fn foreign_names_are_turned_away() {
    let (address, _token, _serving) = begin().await;
    let answer = ask(address, "GET", "/", "evil.example:8400").await;
    assert!(status(&answer) == "421" && !answer.contains("320500"), "{answer}");
    for (name, local) in [
        ("LOCALHOST:1", true),
        ("[::1]:8400", true),
        ("[::1]", true),
        ("127.0.0.1", true),
        ("localhost.evil.example", false),
        ("127.0.0.1.evil.example:80", false),
        ("", false),
    ] {
        assert_eq!(is_local_name(name), local, "{name}");
    }
}

/// Shows that the server ends when told to, even while a reader holds a half-sent request open.
#[tokio::test(start_paused = true)]
async fn stops_when_told_to() {
    let (address, token, serving) = begin().await;
    let mut slow = TcpStream::connect(address).await.expect("a connection");
    slow.write_all(b"GET / HTTP/1.1\r\n").await.expect("half a request");
    token.cancel();
    assert!(serving.await.expect("no panic").is_ok());
}
