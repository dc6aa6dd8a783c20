//! Who calls: read from the cookie once per request, before any page is asked.

use std::collections::BTreeSet;
use std::convert::Infallible;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say as _};
use tongpin_store::{Account, AuditDraft, Person, SessionRow, StoreError};

use super::origin::Origin;
use super::{PageError, Web};
use crate::account::duties_of;
use crate::duty::{Duty, both};

/// Minutes without a request after which a session ends, and hours after which it ends in any case.
const IDLE_MINUTES: i64 = 30;
const LONGEST_HOURS: i64 = 12;
/// How old `last_seen` may be before it is written again: not every request is worth a disk write.
const TOUCH_SECONDS: i64 = 60;
/// The cookie that says which language a browser wants.
pub(super) const LANG_COOKIE: &str = "tongpin_lang";

/// Whoever calls, known or not.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The language.
    pub lang: Lang,
    /// The address of the caller, as it is written into the audit log.
    pub address: String,
    /// What stands at the top of the page.
    pub program: String,
    /// Where the reader is.
    pub path: String,
    /// The same with what stands behind the question mark.
    pub here: String,
    /// Whether the page was asked for, and not the answer to a form.
    pub reading: bool,
    /// Whether the page loads itself anew.
    pub quiet: bool,
    /// Who it is, if it signed in.
    pub signed: Option<Signed>,
}

/// A reader who signed in.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The account as it stands now: what was taken from it a moment ago is gone.
    pub account: Account,
    /// What it may do.
    pub duties: BTreeSet<Duty>,
    /// 一人经办并审核: it enters and approves, because the bureau has nobody else.
    pub alone: bool,
    /// It was given 经办 and 审核 both, though the bureau has more people: until somebody decides it does not approve.
    pub undecided: bool,
    /// What every form of this session carries.
    pub csrf: String,
    /// What the session is kept under.
    pub token_hash: Digest,
}

impl Signed {
    /// Who it is, as records keep it.
    #[must_use]
    pub fn person(&self) -> Person {
        Person::from(&self.account)
    }

    /// Whether the account holds one of these duties.
    #[must_use]
    pub fn may(&self, duties: &[Duty]) -> bool {
        duties.iter().any(|duty| self.duties.contains(duty))
    }
}

impl Visitor {
    /// What the audit log keeps of something that this visitor does.
    pub(super) fn audit_entry<'a>(
        &'a self,
        web: &Web,
        actor: &'a str,
        action: &'a str,
        subject: &'a str,
        detail: &'a str,
    ) -> AuditDraft<'a> {
        AuditDraft { at: web.now(), actor, address: &self.address, action, subject, detail, allowed: true }
    }

    /// Writes something into the audit log that changes nothing else; what changes something is done within
    /// [`Store::audited`](tongpin_store::Store::audited), with this visitor's [`Visitor::audit_entry`].
    ///
    /// # Errors
    /// The database failed.
    pub(super) async fn audit(
        &self,
        web: &Web,
        actor: &str,
        action: &str,
        subject: &str,
        detail: &str,
        allowed: bool,
    ) -> Result<(), PageError> {
        let entry = AuditDraft { allowed, ..self.audit_entry(web, actor, action, subject, detail) };
        web.store().audit(&entry).await?;
        Ok(())
    }
}

/// Reads who calls, and lets nobody past the making of the first account.
pub(super) async fn know(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let jar = CookieJar::from_headers(request.headers());
    let lang = if jar.get(LANG_COOKIE).is_some_and(|cookie| cookie.value() == "en") { Lang::En } else { Lang::Zh };
    let address = request.extensions().get::<Origin>().map(|origin| origin.address.clone());
    let path = request.uri().path().to_owned();
    let quiet = request.uri().query().is_some_and(|query| query.split('&').any(|pair| pair == "auto=1"));
    let token = jar.get(&web.cookie()).map(|cookie| Digest::of(cookie.value().as_bytes()));
    let signed = match token {
        Some(token_hash) => signed(&web, &token_hash, quiet || asked_by_itself(request.headers())).await,
        None => Ok(None),
    };
    let here = request.uri().path_and_query().map_or_else(|| path.clone(), ToString::to_string);
    let reading = request.method() == Method::GET;
    let program = (web.program().title)(lang).await;
    let address = address.unwrap_or_default();
    // What a page is drawn with is no page: a browser that asks for a script refuses to be led to one.
    let open = matches!(path.as_str(), "/first" | "/healthz" | "/metrics" | "/lang" | "/app.js" | "/favicon.ico");
    let mut visitor = Visitor { lang, address, program, path, here, reading, quiet, signed: None };
    let failing = |visitor: &Visitor, error: &StoreError| {
        tracing::error!(error = %error, "a page could not be made");
        visitor.cannot(&web, &error.say(lang), StatusCode::INTERNAL_SERVER_ERROR)
    };
    visitor.signed = match signed {
        Ok(signed) => signed,
        Err(error) => return failing(&visitor, &error),
    };
    match &visitor.signed {
        Some(signed) => drop(request.extensions_mut().insert(signed.clone())),
        None if open => {}
        None => match web.store().count_accounts().await {
            Ok(0) => return Redirect::to("/first").into_response(),
            Ok(_) => {}
            Err(error) => return failing(&visitor, &error),
        },
    }
    request.extensions_mut().insert(visitor);
    next.run(request).await
}

/// Whether a page was asked for by the page itself, which is no sign of somebody at the desk.
fn asked_by_itself(headers: &HeaderMap) -> bool {
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|found| found.as_bytes() == value.as_bytes());
    says("x-quiet", "1") || says("accept", "text/event-stream")
}

async fn signed(web: &Web, token_hash: &Digest, quiet: bool) -> Result<Option<Signed>, StoreError> {
    let now = web.now();
    let Some(session) = web.store().session(token_hash).await? else { return Ok(None) };
    if !lives(&session, now) {
        return Ok(None);
    }
    let Some(account) = web.store().account(&session.account).await?.filter(|account| account.active) else {
        return Ok(None);
    };
    // A page that loads itself anew is no sign of somebody at the desk.
    if !quiet && now.seconds_since(session.last_seen) >= TOUCH_SECONDS {
        web.store().touch_session(token_hash, now).await?;
    }
    let mut duties = duties_of(&account);
    let (mut alone, mut undecided) = (false, false);
    if both(&duties) {
        alone = web.store().one_clerk().await?;
        undecided = !alone && duties.remove(&Duty::Approve);
    }
    Ok(Some(Signed { account, duties, alone, undecided, csrf: session.csrf, token_hash: *token_hash }))
}

/// Takes away the sessions that have ended by themselves: no reader comes back to do it.
///
/// # Errors
/// The database cannot be written.
pub(super) async fn forget_ended(web: &Web) -> Result<(), StoreError> {
    let now = web.now();
    let (seen, made) = (now.plus_seconds(-IDLE_MINUTES * 60), now.plus_seconds(-LONGEST_HOURS * 3600));
    web.store().end_idle_sessions(seen, made).await.map(drop)
}

fn lives(session: &SessionRow, now: tongpin_domain::moment::Moment) -> bool {
    now.seconds_since(session.last_seen) < IDLE_MINUTES * 60
        && now.seconds_since(session.created_at) < LONGEST_HOURS * 3600
}

/// Sends whoever has not signed in to the way in, and whoever has a password from somebody else to choosing an own one.
pub(super) async fn only_signed(request: Request, next: Next) -> Response {
    let reading = request.method() == Method::GET;
    match request.extensions().get::<Signed>() {
        None if reading => {
            let next = request.uri().path_and_query().map_or("/", |path| path.as_str());
            let query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
            Redirect::to(&format!("/sign-in?{query}")).into_response()
        }
        None => Redirect::to("/sign-in").into_response(),
        Some(signed) => {
            let path = request.uri().path();
            let must_choose = signed.account.password_set_at.is_none();
            if must_choose && path != "/me" && path != "/sign-out" {
                return Redirect::to("/me").into_response();
            }
            next.run(request).await
        }
    }
}

/// The header that sets a cookie which scripts and other sites do not get.
pub(super) fn cookie(headers: &mut HeaderMap, name: &str, value: &str, seconds: i64) {
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}");
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.append(header::SET_COOKIE, value);
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let nobody = || Self {
            lang: Lang::Zh,
            address: String::new(),
            program: String::new(),
            path: String::new(),
            here: String::new(),
            reading: true,
            quiet: false,
            signed: None,
        };
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(nobody))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Signed {
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Redirect> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Redirect::to("/sign-in"))
    }
}
