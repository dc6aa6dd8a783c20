//! The way in for departments' own systems: a token in each request, and nothing else. Cookies mean nothing here, so a
//! page that somebody was lured to can do nothing here either; answers and refusals are JSON.

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say as _};
use tongpin_domain::moment::Moment;
use tongpin_store::{ApiToken, AuditDraft, StoreError};

use super::Web;
use super::origin::Origin;
use crate::scope::Scope;

/// Where the API is.
pub const API: &str = "/api/v1";
/// What every token begins with, so that one that was spilled is known for what it is.
pub(super) const MARK: &str = "tp_";
/// The largest body that is taken, bytes.
const LARGEST_BODY: usize = 2 * 1024 * 1024;
/// How old `last_used` may be before it is written again: not every request is worth a disk write.
const TOUCH_SECONDS: i64 = 60;

/// What a caller is told in place of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    code: &'static str,
    zh: String,
    en: String,
    more: Map<String, Value>,
}

impl Refusal {
    /// A refusal: `code` is for programs and never changes its meaning, the words are for people.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { status, code, zh: zh.into(), en: en.into(), more: Map::new() }
    }

    /// The same with something else that helps to go on.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }

    /// A failing database, told to the caller and the log.
    #[must_use]
    pub fn failed(error: &StoreError) -> Self {
        tracing::error!(%error, "a call could not be answered");
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(status, "database", error.say(Lang::Zh), error.say(Lang::En))
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::failed(&error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = self.more;
        body.insert("code".into(), self.code.into());
        body.insert("message_zh".into(), self.zh.into());
        body.insert("message_en".into(), self.en.into());
        let mut response = json_response(self.status, &Value::Object(body));
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// An answer in JSON.
#[must_use]
pub fn json_response(status: StatusCode, body: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
    (status, kind, format!("{body}\n")).into_response()
}

/// The system that calls.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The token's id.
    pub id: String,
    /// What the system is called.
    pub name: String,
    /// Where it calls from.
    pub address: String,
    path: String,
    scopes: BTreeSet<Scope>,
}

impl Caller {
    /// Refuses what the token was not made for, and writes that down.
    ///
    /// # Errors
    /// The refusal.
    pub async fn must(&self, web: &Web, scope: Scope) -> Result<(), Refusal> {
        if self.scopes.contains(&scope) {
            return Ok(());
        }
        let detail = format!("须有权限：{}", scope.word());
        self.audit(web, "api_refused", &self.path, &detail, false).await?;
        let zh = format!("令牌没有 {} 权限；请联系安全管理员另发令牌", scope.word());
        let en = format!("this token lacks the scope {}; ask the security administrator", scope.word());
        Err(Refusal::new(StatusCode::FORBIDDEN, "scope_missing", zh, en))
    }

    /// Takes a step for the system and enters it under the token's name, in the transaction that makes the change: see
    /// [`Store::audited`](tongpin_store::Store::audited).
    ///
    /// # Errors
    /// Those of the step, and a failing database.
    pub async fn audited<T, E: From<StoreError>>(
        &self,
        web: &Web,
        action: &str,
        subject: &str,
        detail: &str,
        step: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let actor = actor(&self.name);
        let at = web.now();
        let draft = AuditDraft { at, actor: &actor, address: &self.address, action, subject, detail, allowed: true };
        web.store().audited(&draft, step).await
    }

    /// Writes something into the audit log, under the token's name, that changes nothing else.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn audit(
        &self,
        web: &Web,
        action: &str,
        subject: &str,
        detail: &str,
        allowed: bool,
    ) -> Result<(), Refusal> {
        let actor = actor(&self.name);
        let at = web.now();
        let draft = AuditDraft { at, actor: &actor, address: &self.address, action, subject, detail, allowed };
        Ok(web.store().audit(&draft).await.map(drop)?)
    }
}

/// How the audit log names a system, so that no account's name can be taken for it.
fn actor(name: &str) -> String {
    format!("令牌 {name}")
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or_else(no_token)
    }
}

/// What a caller sent, up to the largest body that is taken.
pub struct Sent(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        Bytes::from_request(request, state).await.map(Self).map_err(|rejection| body_refused(&rejection))
    }
}

fn body_refused(rejection: &BytesRejection) -> Refusal {
    let status = rejection.status();
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        let (zh, en) = ("请求超过 2 MB，请拆分", "the body is larger than 2 MB: divide it");
        return Refusal::new(status, "too_large", zh, en);
    }
    Refusal::new(status, "body_broken", "请求中断，请重试", "the body broke off: try again")
}

/// The program's API behind the asking for a token. It stands beside the pages: nothing of theirs is before it.
pub(super) fn router(web: &Web, api: Router<Web>) -> Router<Web> {
    let inner = api
        .method_not_allowed_fallback(async || {
            let (zh, en) =
                ("此地址不支持这种方法；见 /api 的接口说明", "this address does not take that method; see /api");
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", zh, en)
        })
        .fallback(async || {
            let (zh, en) = ("没有此接口；见 /api 的接口说明", "no such address; see /api");
            Refusal::new(StatusCode::NOT_FOUND, "no_such_address", zh, en)
        });
    Router::new()
        .nest(API, inner)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn_with_state(web.clone(), known))
}

fn no_token() -> Refusal {
    let zh = "缺少令牌；请求须带 Authorization: Bearer tp_…，令牌由安全管理员在“接口令牌”中发放";
    let en = "no token: send Authorization: Bearer tp_…; the security administrator gives tokens out";
    Refusal::new(StatusCode::UNAUTHORIZED, "token_missing", zh, en)
}

/// Lets past who brings a good token.
async fn known(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let address = request.extensions().get::<Origin>().map(|origin| origin.address.clone());
    let path = request.uri().path().to_owned();
    match caller(&web, request.headers(), address.unwrap_or_default(), path).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(refusal) => refusal.into_response(),
    }
}

async fn caller(web: &Web, headers: &HeaderMap, address: String, path: String) -> Result<Caller, Refusal> {
    let now = web.now();
    let sent = headers.get(header::AUTHORIZATION).ok_or_else(no_token)?;
    let secret = sent.to_str().ok().and_then(|text| text.strip_prefix("Bearer ")).map(str::trim);
    let secret = secret.filter(|text| text.starts_with(MARK));
    let token = match secret {
        Some(secret) => web.store().api_token(&Digest::of(secret.as_bytes())).await?,
        None => None,
    };
    let good = match token {
        None => Err("没有这个令牌"),
        Some(token) => stands(&token, now).map(|()| token),
    };
    let token = match good {
        Ok(token) => token,
        Err(why) => return Err(turned_away(web, &address, &path, why).await?),
    };
    if token.last_used.is_none_or(|at| now.seconds_since(at) >= TOUCH_SECONDS) {
        web.store().touch_api_token(&token.id, now).await?;
    }
    let scopes = token.scopes.iter().filter_map(|word| Scope::of_word(word)).collect();
    Ok(Caller { id: token.id, name: token.name, address, path, scopes })
}

/// Counts and writes down a bad token; of those that come too often only how they began. A good one from the same
/// address is taken all the while. Whoever has no good one is not told whether it once was one.
async fn turned_away(web: &Web, address: &str, path: &str, why: &str) -> Result<Refusal, Refusal> {
    if web.api_throttle().failed(address, web.now()) {
        let (zh, en) =
            ("无效令牌过多，请核对令牌，一分钟后再试", "too many wrong tokens; check the token, wait a minute");
        return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", zh, en));
    }
    let (at, action) = (web.now(), "api_refused");
    let draft = AuditDraft { at, actor: "", address, action, subject: path, detail: why, allowed: false };
    web.store().audit(&draft).await?;
    let zh = "令牌无效：不存在、已到期或已吊销；请联系安全管理员";
    let en = "the token is not good: unknown, ended or revoked; ask the security administrator";
    Ok(Refusal::new(StatusCode::UNAUTHORIZED, "token_invalid", zh, en))
}

/// Whether a token is good now, or why not, as the audit log says it.
fn stands(token: &ApiToken, now: Moment) -> Result<(), &'static str> {
    if token.revoked_at.is_some() {
        return Err("令牌已吊销");
    }
    if token.expires_at <= now {
        return Err("令牌已到期");
    }
    Ok(())
}
