//! A browser of tests: it keeps cookies, follows redirects, and fills in the forms that it is shown.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, header};
use maud::Markup;
use tempfile::TempDir;
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_store::{AuditFilter, Store};
use tower::ServiceExt as _;

use crate::duty::Duty;
use crate::jobs::Jobs;
use crate::web::serve::{Peer, guarded};
use crate::web::{Front, Program, Web};

/// A password that is good enough.
pub(super) const GOOD: &str = "Fen-2 Jue Xin";

/// A console on a fresh database with a clock that tests move.
pub(super) struct Ground {
    pub(super) web: Web,
    pub(super) jobs: Jobs,
    now: Arc<AtomicI64>,
    _folder: TempDir,
}

impl Ground {
    pub(super) async fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let store = Store::open(folder.path().join("t.sqlite").to_str().expect("UTF-8")).await.expect("a database");
        let now = Arc::new(AtomicI64::new(1_800_000_000_000));
        let ticking = now.clone();
        let jobs = Jobs::default();
        let program = Program {
            region: "320581".into(),
            title: Arc::new(|lang: Lang| Box::pin(async move { lang.pick("常熟市", "Changshu").to_owned() })),
            duties: Duty::ALL.to_vec(),
            places: Vec::new(),
            pages: super::failing::pages(),
            api: Some(super::tokens::api()),
            jobs: jobs.clone(),
            proxies: vec!["10.1.2.3".parse().expect("an address")],
            home: Arc::new(|lang: Lang, _| {
                Box::pin(async move { Front { title: lang.pick("总览", "Overview").into(), body: Markup::default() } })
            }),
        };
        let clock = Arc::new(move || Moment(ticking.load(Ordering::Relaxed)));
        let web = Web::open(store, clock, program).await.expect("a console");
        Self { web, jobs, now, _folder: folder }
    }

    /// A fresh browser.
    pub(super) fn browser(&self) -> Browser {
        Browser { router: guarded(self.web.clone(), true), ..Browser::default() }
    }

    /// A fresh browser at an address, before which the proxy stands that these pages trust.
    pub(super) fn browser_behind(&self, address: &'static str) -> Browser {
        Browser { behind: Some(address), ..self.browser() }
    }

    /// A program on the machine itself.
    pub(super) fn program_here(&self) -> Browser {
        Browser { here: true, ..self.browser() }
    }

    pub(super) fn wait(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    pub(super) fn now(&self) -> Moment {
        Moment(self.now.load(Ordering::Relaxed))
    }

    /// A browser in which the first administrator, `admin`, has signed in.
    pub(super) async fn administrator(&self) -> Browser {
        let mut browser = self.browser();
        browser.open("/").await;
        let code = self.web.setup_code().expect("no account yet").to_owned();
        let fields = [
            ("code", code.as_str()),
            ("name", "admin"),
            ("display_name", "信息科"),
            ("password", GOOD),
            ("again", GOOD),
        ];
        browser.send("/first", &fields).await;
        browser.sign_in("admin", GOOD).await;
        browser
    }

    /// What the audit log holds of an action, oldest first: who, about what, whether it was let.
    pub(super) async fn logged(&self, action: &str) -> Vec<(String, String, bool)> {
        let filter = AuditFilter { action: action.to_owned(), ..AuditFilter::default() };
        let mut found = self.web.store().audit_page(&filter, 0, 99).await.expect("readable");
        found.reverse();
        found.into_iter().map(|entry| (entry.actor, entry.detail, entry.allowed)).collect()
    }
}

/// What a browser shows.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub(super) status: u16,
    pub(super) path: String,
    pub(super) text: String,
    pub(super) headers: HeaderMap,
}

#[derive(Default)]
pub(super) struct Browser {
    router: Router,
    behind: Option<&'static str>,
    here: bool,
    pub(super) cookies: BTreeMap<String, String>,
    pub(super) shown: Shown,
}

impl Browser {
    /// Opens an address and follows where it leads.
    pub(super) async fn open(&mut self, address: &str) -> &Shown {
        self.ask("GET", address, None, &[]).await
    }

    /// Fills in the form of the present page that goes to an address, with its hidden fields, and sends it.
    pub(super) async fn send(&mut self, action: &str, fields: &[(&str, &str)]) -> &Shown {
        self.send_form(action, "", fields).await
    }

    /// The same where several forms go to one address: the one that holds a text.
    pub(super) async fn send_form(&mut self, action: &str, holding: &str, fields: &[(&str, &str)]) -> &Shown {
        let form = form(&self.shown.text, action, holding)
            .unwrap_or_else(|| unreachable!("no form {action} in {}", self.shown.text));
        let mut all = hidden(form);
        all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let body = serde_urlencoded::to_string(all).expect("text");
        self.ask("POST", action, Some(body), &[("sec-fetch-site", "same-origin")]).await
    }

    pub(super) async fn sign_in(&mut self, name: &str, password: &str) -> &Shown {
        self.open("/sign-in").await;
        self.send("/sign-in", &[("name", name), ("password", password)]).await
    }

    /// One request as it stands, and whatever it leads to.
    pub(super) async fn ask(
        &mut self,
        method: &str,
        address: &str,
        body: Option<String>,
        headers: &[(&str, &str)],
    ) -> &Shown {
        let (mut method, mut address, mut body) = (method.to_owned(), address.to_owned(), body);
        for _ in 0..5 {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let mut request =
                Request::builder().method(method.as_str()).uri(&address).header(header::HOST, "localhost:8400");
            request = request.header(header::COOKIE, cookies.join("; "));
            if let Some(address) = self.behind {
                let proxy = ConnectInfo(Peer("10.1.2.3:5".parse().expect("an address")));
                request = request.header("x-forwarded-for", address).extension(proxy);
            }
            if self.here {
                request = request.extension(ConnectInfo(Peer("127.0.0.1:5".parse().expect("an address"))));
            }
            request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
            if body.is_some() {
                request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            }
            let request = request.body(Body::from(body.take().unwrap_or_default())).expect("a request");
            let response = self.router.clone().oneshot(request).await.expect("an answer");
            let (parts, content) = response.into_parts();
            for line in parts.headers.get_all(header::SET_COOKIE) {
                let (pair, rest) = line.to_str().expect("text").split_once("; ").expect("attributes");
                assert_eq!(rest.split("; Max-Age").next(), Some("Path=/; HttpOnly; SameSite=Strict"));
                let (name, value) = pair.split_once('=').expect("a pair");
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            if parts.status.is_redirection() {
                let to = parts.headers.get(header::LOCATION).and_then(|to| to.to_str().ok()).expect("where to");
                (method, address) = ("GET".to_owned(), to.to_owned());
                continue;
            }
            let bytes = to_bytes(content, 1 << 22).await.expect("a body");
            let text = String::from_utf8_lossy(&bytes).into_owned();
            self.shown = Shown { status: parts.status.as_u16(), path: address, text, headers: parts.headers };
            return &self.shown;
        }
        unreachable!("redirected without end to {address}")
    }
}

/// The markup of a form that goes to an address and holds a text.
fn form<'a>(page: &'a str, action: &str, holding: &str) -> Option<&'a str> {
    let forms = page.split("<form").skip(1).filter_map(|rest| rest.split("</form>").next());
    forms.into_iter().find(|form| form.contains(&format!("action=\"{action}\"")) && form.contains(holding))
}

/// The hidden fields of a form, or of a page.
pub(super) fn hidden(form: &str) -> Vec<(String, String)> {
    let attribute = |tag: &str, name: &str| {
        let rest = tag.split(&format!(" {name}=\"")).nth(1)?;
        rest.split('"').next().map(str::to_owned)
    };
    let tags = form.split("<input").skip(1).filter_map(|rest| rest.split('>').next());
    let tags = tags.filter(|tag| tag.contains("type=\"hidden\""));
    tags.filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default()))).collect()
}
