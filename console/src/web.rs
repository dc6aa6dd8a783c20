//! The console in the browser: signing in, who may do what, and the shell around every page.
//!
//! Pages are written by the server and need no script. Deny by default: whatever is not the way in asks who calls.

mod accounts;
pub mod api;
mod audit;
mod context;
pub mod discarding;
mod events;
mod fields;
mod first;
mod flash;
mod form;
mod jobs;
pub mod kit;
pub mod list;
mod me;
mod next_page;
mod origin;
mod page_error;
pub mod problems;
mod reasoned;
mod refusal;
mod room;
mod serve;
mod shell;
mod sign_in;
mod staged;
mod throttle;
pub mod todo;
mod tokens;
mod visitor;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_store::{Store, StoreError};
use tower_http::csrf::CsrfLayer;

use crate::duty::Duty;
use crate::jobs::Jobs;
use crate::random;
use flash::Flash;
use shell::Whole;
use throttle::Throttle;

pub use audit::action_name;
pub(crate) use audit::witnessed;
pub use context::Context;
pub use fields::{Fields, LARGEST_FILE, Posted, PostedFiles, SentFile, Upload};
pub use form::{Choice, FileBox, LongText, sure, sure_of, under_way};
pub use page_error::{PageError, PageFailure};
pub use reasoned::Reasoned;
pub use refusal::status;
pub use room::{Busy, Room};
pub use serve::{guarded, serve, serve_secured};
pub use shell::{Field, Page, Place, Tone, check_box, filling, notice, qr, token};
pub use staged::{Staged, Waiting};
pub use visitor::{Signed, Visitor};

/// The time, passed in.
pub type Clock = Arc<dyn Fn() -> Moment + Send + Sync>;
/// A program's first page: its heading and what stands below.
#[derive(Debug, Clone)]
pub struct Front {
    /// The heading.
    pub title: String,
    /// What the page says.
    pub body: Markup,
}

/// What a program shows as its first page, made anew for each reader and for what that reader may do.
pub type Home = Arc<dyn Fn(Lang, Signed) -> Pin<Box<dyn Future<Output = Front> + Send>> + Send + Sync>;

/// What a program and its bureau are called.
pub type Title = Arc<dyn Fn(Lang) -> Pin<Box<dyn Future<Output = String> + Send>> + Send + Sync>;

/// Where the console is served unless the settings say otherwise: seen from this machine alone.
#[must_use]
pub fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

/// What a program brings to its console.
pub struct Program {
    /// The region's code: cookies are named after it, because a browser shares them between the ports of a machine.
    pub region: String,
    /// The bureau and what the program is, for the top of every page. It is asked for with each page, because a county
    /// learns its name from the city only after it has started.
    pub title: Title,
    /// The duties that accounts can be given here.
    pub duties: Vec<Duty>,
    /// The first page.
    pub home: Home,
    /// Its own places, in the order of the menu.
    pub places: Vec<Place>,
    /// Its own pages. Only readers who signed in reach them; which duty a page needs it asks itself.
    pub pages: Router<Web>,
    /// What departments' own systems call below [`api::API`], if this program lets them: every address of it asks for a
    /// [`api::Caller`], whose scope it checks.
    pub api: Option<Router<Web>>,
    /// How what the program does by itself stands.
    pub jobs: Jobs,
    /// The proxies before the pages, whose word about callers is believed; none if there is none.
    pub proxies: Vec<IpAddr>,
}

/// The console of one program. Clones share it.
#[derive(Clone)]
pub struct Web {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    clock: Clock,
    program: Program,
    setup_code: Option<String>,
    throttle: Throttle,
    api_throttle: Throttle,
    flash: Flash,
}

impl Web {
    /// Opens the console. If there is no account yet, it makes the one-time code for the first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn open(store: Store, clock: Clock, program: Program) -> Result<Self, StoreError> {
        let setup_code = if store.count_accounts().await? == 0 { Some(random::code()) } else { None };
        let (throttle, api_throttle) = (Throttle::default(), Throttle::default());
        let flash = Flash::default();
        let inner = Inner { store, clock, program, setup_code, throttle, api_throttle, flash };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The code with which the first administrator is made, if there was none when this console was opened.
    #[must_use]
    pub fn setup_code(&self) -> Option<&str> {
        self.inner.setup_code.as_deref()
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    fn program(&self) -> &Program {
        &self.inner.program
    }

    fn throttle(&self) -> &Throttle {
        &self.inner.throttle
    }

    /// A program that calls with a wrong token must not keep people at the same address from signing in.
    fn api_throttle(&self) -> &Throttle {
        &self.inner.api_throttle
    }

    fn flash(&self) -> &Flash {
        &self.inner.flash
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Moment {
        (self.inner.clock)()
    }

    fn cookie(&self) -> String {
        format!("tongpin_{}", self.program().region)
    }
}

/// Every page. What stands above the middleware asks who calls; below it are only the ways in.
fn router(web: Web) -> Router {
    let inside = Router::new()
        .route("/", get(home))
        .route("/me", get(me::get).post(me::post))
        .route("/accounts", get(accounts::get))
        .route("/accounts/new", get(accounts::new::get).post(accounts::new::post))
        .route("/accounts/one-clerk", post(accounts::one_clerk))
        .route("/accounts/{id}", get(accounts::edit::get).post(accounts::edit::post))
        .route("/audit", get(audit::get))
        .route("/audit/check", post(audit::check))
        .route("/audit/export.csv", post(audit::export))
        .route("/jobs", get(jobs::get))
        .route("/tokens", get(tokens::get).post(tokens::post))
        .route("/tokens/{id}", get(async || Redirect::to("/tokens")))
        .route("/tokens/{id}/revoke", post(tokens::revoke))
        .route("/sign-out", post(sign_in::out))
        .route("/events", get(events::get))
        .merge(web.program().pages.clone())
        .fallback(nowhere)
        .route_layer(middleware::from_fn(visitor::only_signed));
    let outside = Router::new()
        .route("/sign-in", get(sign_in::get).post(sign_in::post))
        .route("/first", get(first::get).post(first::post))
        .route("/lang", post(sign_in::lang))
        .route("/app.js", get(events::script))
        .route("/favicon.ico", get(async || StatusCode::NO_CONTENT))
        .route("/metrics", get(jobs::metrics))
        .route("/healthz", get(async || "ok\n"));
    inside
        .merge(outside)
        .method_not_allowed_fallback(another_way)
        .layer(middleware::from_fn(led_on))
        .layer(middleware::from_fn_with_state(web.clone(), refusal::dressed))
        .layer(middleware::from_fn_with_state(web.clone(), visitor::know))
        .layer(CsrfLayer::new())
        .merge(web.program().api.clone().map_or_else(Router::new, |program| api::router(&web, program)))
        .with_state(web)
}

async fn home(cx: Context) -> Response {
    let made = (cx.web.program().home)(cx.lang(), cx.signed.clone()).await;
    let body = html! {
        (accounts::advice(&cx).await)
        (made.body)
    };
    cx.page(&made.title).refreshing().show(&body)
}

async fn nowhere() -> StatusCode {
    StatusCode::NOT_FOUND
}

/// An address that only takes forms leads whoever opens it (a bookmark, a reload) to the page that the form stands on.
async fn another_way(State(web): State<Web>, visitor: Visitor, method: Method) -> Response {
    if matches!(method, Method::GET | Method::HEAD) {
        let above = visitor.path.trim_end_matches('/').rsplit_once('/').map_or("", |(above, _)| above);
        return Redirect::to(if above.is_empty() { "/" } else { above }).into_response();
    }
    let title = visitor.lang.pick("不能这样提交", "Not a way to send this");
    let why = visitor.lang.pick(
        "此地址不接受这样的请求；请从页面上的表单提交",
        "This address does not take such a request; use the form on its page.",
    );
    visitor.refused(&web, title, why, StatusCode::METHOD_NOT_ALLOWED)
}

/// Holds every page to one rule while it is tested: a form that has done something leads on to a page, so that
/// loading the answer again does not do it again. Only a refusal, a file, or the same form still being filled in
/// answers itself.
async fn led_on(request: Request, next: Next) -> Response {
    let sent = (request.method() == Method::POST).then(|| request.uri().path().to_owned());
    let response = next.run(request).await;
    let stays = response.extensions().get::<Whole>().is_some();
    debug_assert!(sent.is_none() || !stays || !response.status().is_success(), "{sent:?} answers with a page");
    response
}

#[cfg(test)]
mod tests;
