//! 幂等: a write that carries a key of its own is done once, however often it is sent, because an answer can get lost
//! on its way. What was refused changed nothing, so it is not kept: the same request is looked at anew.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Extension, FromRequest, FromRequestParts};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use serde_json::Value;
use tokio::sync::Mutex;
use tongpin_console::scope::Scope;
use tongpin_console::web::Web;
use tongpin_console::web::api::{Refusal, Sent, json_response};
use tongpin_domain::digest::Digest;
use tongpin_store::KeptAnswer;

use super::call::Call;
use super::project::with_version;
use super::refused::internal;

/// How long an answer is kept.
const KEPT_HOURS: i64 = 48;
/// The longest key.
const LONGEST_KEY: usize = 128;
const KEY: &str = "idempotency-key";
/// Says that an answer is an earlier one.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Writes go one after another: of two that carry one key, the second finds the first one's answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Turn(Arc<Mutex<()>>);

/// What a write came to.
pub(super) struct Written {
    pub(super) status: StatusCode,
    /// The version of the project afterwards.
    pub(super) version: String,
    pub(super) body: Value,
}

/// A write as it comes in, and who sends it.
pub(super) struct Incoming {
    pub(super) call: Call,
    turn: Turn,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
}

impl FromRequest<Web> for Incoming {
    type Rejection = Refusal;

    async fn from_request(request: axum::extract::Request, web: &Web) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let call = Call::from_request_parts(&mut parts, web).await?;
        let turn = Extension::<Turn>::from_request_parts(&mut parts, web).await;
        let Extension(turn) = turn.map_err(|error| internal(&error))?;
        let (method, headers) = (parts.method.clone(), parts.headers.clone());
        let Sent(body) = Sent::from_request(axum::extract::Request::from_parts(parts, body), web).await?;
        Ok(Self { call, turn, method, headers, body })
    }
}

/// What makes a write the same as another.
pub(super) struct Request<'a> {
    method: &'a str,
    /// What it is about.
    pub(super) code: String,
    headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

impl Incoming {
    /// The write of something, if the token was made for that.
    ///
    /// # Errors
    /// The refusal.
    pub(super) async fn about(&self, code: impl Into<String>, scope: Scope) -> Result<Request<'_>, Refusal> {
        self.call.must(scope).await?;
        let Self { method, headers, body, .. } = self;
        Ok(Request { method: method.as_str(), code: code.into(), headers, body })
    }

    /// Does the work, or answers as before if the request with this key was answered.
    pub(super) async fn once(
        &self,
        request: &Request<'_>,
        work: impl Future<Output = Result<Written, Refusal>>,
    ) -> Result<Response, Refusal> {
        let key = request.key()?;
        let _turn = self.turn.0.lock().await;
        let (store, caller, now) = (self.call.web.store(), &self.call.caller.id, self.call.web.now());
        let since = now.plus_seconds(-KEPT_HOURS * 3600);
        if let Some(key) = key
            && let Some(kept) = store.kept_answer(caller, key, since).await?
        {
            return replayed(&kept, request);
        }
        let done = work.await?;
        if let Some(key) = key {
            let kept = KeptAnswer {
                request: request.digest(),
                status: u64::from(done.status.as_u16()),
                version: done.version.clone(),
                body: done.body.to_string(),
            };
            store.keep_answer(caller, key, &kept, now, since).await?;
        }
        Ok(with_version(json_response(done.status, &done.body), &done.version))
    }
}

impl Request<'_> {
    /// A header's text, if it is there.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
    }

    fn digest(&self) -> Digest {
        let condition = |name| self.header(name).unwrap_or_default().as_bytes();
        Digest::of_parts([
            self.method.as_bytes(),
            self.code.as_bytes(),
            condition("if-match"),
            condition("if-none-match"),
            self.body,
        ])
    }

    fn key(&self) -> Result<Option<&str>, Refusal> {
        let Some(sent) = self.headers.get(KEY) else { return Ok(None) };
        let key = sent.to_str().ok().map(str::trim).filter(|key| (1..=LONGEST_KEY).contains(&key.len()));
        key.map(Some).ok_or_else(|| {
            let zh = format!("Idempotency-Key 应为 1 至 {LONGEST_KEY} 个英文字符，建议用 UUID");
            let en = format!("Idempotency-Key is 1 to {LONGEST_KEY} ASCII characters, such as a UUID");
            Refusal::new(StatusCode::BAD_REQUEST, "bad_idempotency_key", zh, en)
        })
    }
}

fn replayed(kept: &KeptAnswer, request: &Request<'_>) -> Result<Response, Refusal> {
    if kept.request != request.digest() {
        let zh = "这个 Idempotency-Key 已用于另一请求；请为每次写入换一个";
        let en = "this Idempotency-Key was used for another request; take a new one for each write";
        return Err(Refusal::new(StatusCode::CONFLICT, "idempotency_key_reused", zh, en));
    }
    let status = u16::try_from(kept.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.ok_or_else(|| internal(&"a kept answer has no status"))?;
    let body: Value = serde_json::from_str(&kept.body).map_err(|error| internal(&error))?;
    let mut response = with_version(json_response(status, &body), &kept.version);
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}
