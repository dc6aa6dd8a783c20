//! A county with the sample projects, its console on a line of its own, and readers who have signed in.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};
use tongpin_console::duty::Duty;
use tongpin_console::output::Output;
use tongpin_console::web::{self, Program, Web};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::{Level, RegionCode};
use tongpin_link::identity::{Identity, PendingKeys};
use tongpin_link::site::Site;
use tongpin_link::tls::{Limits, plain_pages};
use tongpin_link::uplink::Parent;
use tongpin_store::{Account, AuditDraft, AuditFilter, MyReport, SessionRow, Store};

use crate::app::App;
use crate::app::rescoring::Rescoring;
use crate::guidance::library::Library;
use crate::ops::ground::{TestNode, code};
use crate::settings::{EXAMPLE, Settings};
use crate::web::importing::Uploads;
use crate::web::parts::segment;
use crate::web::{pages, places};

pub(super) const NOW: Moment = Moment(1_800_000_000_000);

pub(super) struct Ground {
    pub(super) desk: TestNode,
    pub(super) app: App,
    pub(super) uploads: Arc<Uploads>,
    address: SocketAddr,
    _serving: DropGuard,
}

/// A reader's browser.
pub(super) struct Reader {
    address: SocketAddr,
    store: Store,
    rescoring: Arc<Rescoring>,
    pub(super) cookie: String,
    pub(super) csrf: String,
}

/// What it was answered.
pub(super) struct Shown {
    pub(super) status: u16,
    pub(super) location: String,
    pub(super) head: String,
    pub(super) text: String,
}

/// An identity of a region, certified by 苏州. A township may certify nobody.
fn identity(region: &RegionCode) -> Identity {
    let (city, life) = (code("320500"), Duration::from_hours(2400));
    let root = Identity::create_root(&city, NOW, life, life).expect("a root");
    let keys = PendingKeys::generate().expect("keys");
    let spki = keys.issuer_spki();
    let issuer = (region.level() == Level::County).then_some(spki.as_slice());
    let issued = root.issue(region, &keys.identity_spki(), issuer, life, NOW).expect("issued");
    let fingerprint = root.root_fingerprint();
    Identity::from_issued(keys, issued.leaf_chain, issued.issuer_chain, &fingerprint, region, NOW).expect("certified")
}

impl Ground {
    /// 常熟, a county of 苏州.
    pub(super) async fn new() -> Self {
        Self::of("320581", "320500").await
    }

    /// A node of a region, on a database with the sample records of 常熟.
    pub(super) async fn of(region: &str, parent: &str) -> Self {
        // However busy the machine is, what takes long is waited for, unless a test asks how far it is.
        Self::with(region, parent, Uploads::with_patience(Duration::from_mins(2))).await
    }

    /// 常熟, whose pages tell how far a file is whenever that is not done yet.
    pub(super) async fn impatient() -> Self {
        Self::with("320581", "320500", Uploads::with_patience(Duration::ZERO)).await
    }

    async fn with(region: &str, parent: &str, uploads: Uploads) -> Self {
        let uploads = Arc::new(uploads);
        let desk = TestNode::open().await;
        let folder = desk.folder.path().join("identity");
        identity(&code(region)).save(&folder).expect("writable");
        let parent = Parent { region: code(parent), address: "127.0.0.1:1".into() };
        let above = Some(parent.region.clone());
        let site =
            Site::open(desk.store.clone(), &folder, above, tongpin_link::Clock::new(|| NOW), Arc::new(|| 0)).await;
        let app = App {
            output: Output { json: false, lang: Lang::Zh, terminal: false },
            data: desk.folder.path().to_owned(),
            settings: Settings::of_example(EXAMPLE).expect("the example is sound"),
            site: site.expect("a site"),
            parent,
            statistics: Arc::default(),
            library: Library::default(),
            rescoring: Arc::default(),
        };
        let first = app.clone();
        let program = Program {
            jobs: tongpin_link::reconcile::Jobs::default(),
            proxies: Vec::new(),
            region: app.site.region().to_string(),
            title: Arc::new(|_| Box::pin(async { "常熟市".to_owned() })),
            duties: Duty::ALL.to_vec(),
            home: Arc::new(move |lang, signed| {
                let app = first.clone();
                Box::pin(async move { crate::web::overview::make(&app, lang, &signed).await })
            }),
            places: places(&app),
            pages: pages(&app, uploads.clone()),
            api: Some(crate::api::routes(&app)),
        };
        let web = Web::open(desk.store.clone(), app.site.clock.reader(), program).await.expect("a console");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let token = CancellationToken::new();
        let incoming = plain_pages(listener, Limits::default(), token.clone());
        tokio::spawn(web::serve(incoming, address, web, token.clone()));
        Self { desk, app, uploads, address, _serving: token.drop_guard() }
    }

    /// The browser of an account of this name and duty, signed in. Its id is another word than its name, by which
    /// nobody must be told apart.
    pub(super) async fn reader(&self, duty: &str) -> Reader {
        let account = Account {
            id: format!("id of {duty}"),
            name: duty.to_owned(),
            display_name: duty.to_owned(),
            duties: vec![duty.to_owned()],
            password_hash: String::new(),
            totp_secret: None,
            totp_last_step: 0,
            active: true,
            failures: 0,
            last_failure: None,
            failures_before: 0,
            created_at: NOW,
            password_set_at: Some(NOW),
            last_sign_in: None,
        };
        let (token, csrf) = (format!("token-{duty}"), format!("csrf-{duty}"));
        let session = SessionRow {
            token_hash: Digest::of(token.as_bytes()),
            account: account.id.clone(),
            csrf: csrf.clone(),
            created_at: NOW,
            last_seen: NOW,
            address: String::new(),
        };
        let draft =
            AuditDraft { at: NOW, actor: duty, address: "", action: "t", subject: "", detail: "", allowed: true };
        self.desk.store.create_account(&account, &draft).await.expect("a new name");
        assert!(self.desk.store.sign_in(&account.id, &session, None, &draft).await.expect("writable"));
        let store = self.desk.store.clone();
        let rescoring = self.app.rescoring.clone();
        Reader {
            address: self.address,
            store,
            rescoring,
            cookie: format!("tongpin_{}={token}", self.app.site.region()),
            csrf,
        }
    }

    /// What a department's system is answered that brings these headers.
    pub(super) async fn call(&self, method: &str, address: &str, headers: &[(&str, &str)], body: &str) -> Shown {
        if method != "GET" {
            let asked = exchange(self.address, method, address, headers, body.as_bytes());
            nothing_unentered(&self.desk.store, &self.app.rescoring, asked, address).await;
        }
        let (head, body) = exchange(self.address, method, address, headers, body.as_bytes()).await;
        shown(&head, &body)
    }

    /// Who did something of this kind, to what, and the detail.
    pub(super) async fn logged(&self, action: &str) -> Vec<(String, String, String)> {
        let filter = AuditFilter { action: action.to_owned(), ..AuditFilter::default() };
        let found = self.desk.store.audit_page(&filter, 0, 99).await.expect("readable");
        found.into_iter().map(|entry| (entry.actor, entry.subject, entry.detail)).collect()
    }

    /// What was reported.
    pub(super) async fn reports(&self) -> Vec<MyReport> {
        self.desk.store.my_reports("county-scores").await.expect("readable")
    }
}

impl Reader {
    pub(super) async fn get(&self, address: &str) -> Shown {
        self.ask("GET", address, "").await
    }

    /// Sends a form with the session's token.
    pub(super) async fn post(&self, address: &str, fields: &[(&str, &str)]) -> Shown {
        let all = std::iter::once(("csrf", self.csrf.as_str())).chain(fields.iter().copied());
        let body: Vec<String> = all.map(|(name, value)| format!("{name}={}", segment(value))).collect();
        self.ask("POST", address, &body.join("&")).await
    }

    /// Sends a form with the session's token and a file in it, as a browser does.
    pub(super) async fn upload(&self, address: &str, fields: &[(&str, &str)], (name, file): (&str, &[u8])) -> Shown {
        let all = std::iter::once(("csrf", self.csrf.as_str())).chain(fields.iter().copied());
        let part = |(name, value): (&str, &str)| {
            format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let head = format!("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        let head = all.map(part).collect::<String>() + &head;
        let body = [head.as_bytes(), file, b"\r\n--edge--\r\n"].concat();
        let (head, body) = self.send("POST", address, "multipart/form-data; boundary=edge", &body).await;
        let answer = shown(&head, &body);
        if answer.location.starts_with("/import/") { self.get(&answer.location).await } else { answer }
    }

    /// Sends a form in parts, with files in the boxes of these names.
    pub(super) async fn send_files(
        &self,
        address: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Shown {
        let mut body = Vec::new();
        for (name, value) in std::iter::once(("csrf", self.csrf.as_str())).chain(fields.iter().copied()) {
            let part = format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.into_bytes());
        }
        for (field, name, bytes) in files {
            let head =
                format!("--edge\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n");
            body.extend([head.as_bytes(), bytes, b"\r\n"].concat());
        }
        body.extend(b"--edge--\r\n");
        let (head, body) = self.send("POST", address, "multipart/form-data; boundary=edge", &body).await;
        shown(&head, &body)
    }

    /// A file to download.
    pub(super) async fn file(&self, address: &str) -> Vec<u8> {
        let (head, body) = self.send("GET", address, "text/plain", &[]).await;
        assert!(head.starts_with("HTTP/1.1 200") && head.contains("content-disposition: attachment"), "{head}");
        body
    }

    async fn ask(&self, method: &str, address: &str, body: &str) -> Shown {
        let (head, body) = self.send(method, address, "application/x-www-form-urlencoded", body.as_bytes()).await;
        shown(&head, &body)
    }

    async fn send(&self, method: &str, address: &str, kind: &str, body: &[u8]) -> (String, Vec<u8>) {
        let headers = [("Cookie", self.cookie.as_str()), ("Sec-Fetch-Site", "same-origin"), ("Content-Type", kind)];
        if method != "GET" {
            let asked = exchange(self.address, method, address, &headers, body);
            nothing_unentered(&self.store, &self.rescoring, asked, address).await;
        }
        exchange(self.address, method, address, &headers, body).await
    }
}

/// Whatever is changed is changed with its entry: while the log takes none, nothing is. What an earlier import left to
/// be scored is no change of this one, and is waited for.
async fn nothing_unentered(
    store: &Store,
    rescoring: &Rescoring,
    asked: impl Future<Output = (String, Vec<u8>)>,
    address: &str,
) {
    for _ in 0..400 {
        if !rescoring.standing().is_running() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let before = store.change_count().await.expect("readable");
    store.close_log(true).await.expect("closed");
    asked.await;
    store.close_log(false).await.expect("opened");
    assert_eq!(store.change_count().await.expect("readable"), before, "{address} changes something without an entry");
}

/// The head and the body of an answer.
async fn exchange(
    to: SocketAddr,
    method: &str,
    address: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> (String, Vec<u8>) {
    let headers: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let headers = headers.join("\r\n");
    let request = format!(
        "{method} {address} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut line = TcpStream::connect(to).await.expect("served");
    line.write_all(&[request.as_bytes(), body].concat()).await.expect("taken");
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).await.expect("an answer");
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    let body = answer.split_off(end + 4);
    (String::from_utf8(answer).expect("UTF-8"), body)
}

fn shown(head: &str, body: &[u8]) -> Shown {
    assert!(!body.windows(9).any(|text| text == b"lang.pick"), "source text on a page");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let location = head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap_or_default();
    Shown {
        status,
        location: location.to_owned(),
        head: head.to_owned(),
        text: String::from_utf8_lossy(body).into_owned(),
    }
}
