//! Shows, against the real pages of a founded hub, who drafts, who publishes, and what each is told.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use tempfile::TempDir;
use tongpin_console::output::Output;
use tongpin_console::web::guarded;
use tongpin_console::{clock, random};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::Lang;
use tongpin_domain::region::RegionCode;
use tongpin_link::Site;
use tongpin_link::identity::Identity;
use tongpin_store::{Account, AuditDraft, AuditFilter, SessionRow, Store};
use tower::ServiceExt as _;

mod analysis;
mod catalogs;
mod collections;
mod counties;
mod following;
mod form_list;
mod forms;
mod importing;
mod kept_form;
mod overview;
mod people;
mod questions;
mod roster;
mod starting;
mod trials;

use super::*;
use crate::settings::{EXAMPLE, Settings};

const DAY: Duration = Duration::from_hours(24);
/// Two divisions, as a bureau's file has them.
const REGIONS: &str = "code,name,level,parent_code,mof_div_code,kind,alias_codes,note\n\
    320500,苏州市,市,320000,320500000,设区市,,\n320581,常熟市,县,320500,320581000,县级市,,\n";

struct Ground {
    app: Arc<App>,
    pages: Router,
    _folder: TempDir,
}

impl Ground {
    async fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let keys = folder.path().join("identity");
        let city = RegionCode::new("320500").expect("a code");
        Identity::init(&keys, &city, clock::now(), 3650 * DAY, 90 * DAY).expect("a root");
        let store = Store::open(folder.path().join("t.sqlite").to_str().expect("UTF-8")).await.expect("a database");
        let site =
            Site::open(store, &keys, None, tongpin_link::Clock::new(clock::now), Arc::new(|| 1)).await.expect("a site");
        let output = Output { json: false, lang: Lang::Zh, terminal: false };
        let data = folder.path().to_owned();
        let app = Arc::new(App { output, data, settings: Settings::of_example(EXAMPLE).expect("sound"), site });
        let web = console(&app).await.expect("a console");
        Self { app, pages: guarded(web, true), _folder: folder }
    }

    /// A reader with these duties who has signed in.
    async fn reader(&self, name: &str, duties: &[Duty]) -> Reader<'_> {
        let (secret, csrf, now) = (random::secret(), random::secret(), clock::now());
        let account = Account {
            id: name.to_owned(),
            name: name.to_owned(),
            display_name: format!("{name}岗"),
            duties: duties.iter().map(|duty| duty.word().to_owned()).collect(),
            password_hash: String::new(),
            totp_secret: None,
            totp_last_step: 0,
            active: true,
            failures: 0,
            last_failure: None,
            failures_before: 0,
            created_at: now,
            password_set_at: Some(now),
            last_sign_in: None,
        };
        let draft =
            AuditDraft { at: now, actor: name, address: "", action: "test", subject: "", detail: "", allowed: true };
        self.app.store().create_account(&account, &draft).await.expect("a fresh name");
        let session = SessionRow {
            token_hash: Digest::of(secret.as_bytes()),
            account: account.id.clone(),
            csrf: csrf.clone(),
            created_at: now,
            last_seen: now,
            address: String::new(),
        };
        assert!(self.app.store().sign_in(&account.id, &session, None, &draft).await.expect("a session"));
        Reader { ground: self, secret, csrf }
    }

    async fn logged(&self, action: &str) -> Vec<(String, String, bool)> {
        let filter = AuditFilter { action: action.to_owned(), ..AuditFilter::default() };
        let found = self.app.store().audit_page(&filter, 0, 99).await.expect("readable");
        found.into_iter().rev().map(|entry| (entry.actor, entry.detail, entry.allowed)).collect()
    }
}

/// What a page's form carries in a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let rest = page.split(&format!("name=\"{name}\" value=\"")).nth(1).expect("the field");
    rest.split('"').next().unwrap_or_default().to_owned()
}

struct Reader<'a> {
    ground: &'a Ground,
    secret: String,
    csrf: String,
}

impl Reader<'_> {
    async fn ask(&self, method: &str, address: &str, kind: &str, body: String) -> (u16, String) {
        let (status, bytes) = self.exchange(method, address, kind, body.into_bytes()).await;
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Whatever a form changes, it changes with its entry. So every form is sent twice: while the log takes no entry
    /// nothing is changed, and then in earnest.
    async fn exchange(&self, method: &str, address: &str, kind: &str, body: Vec<u8>) -> (u16, Vec<u8>) {
        let store = self.ground.app.store();
        if method == "GET" {
            return self.answered(method, address, kind, body).await;
        }
        let before = store.change_count().await.expect("readable");
        store.close_log(true).await.expect("closed");
        self.answered(method, address, kind, body.clone()).await;
        store.close_log(false).await.expect("opened");
        assert_eq!(
            store.change_count().await.expect("readable"),
            before,
            "{address} changes something without an entry"
        );
        self.answered(method, address, kind, body).await
    }

    async fn answered(&self, method: &str, address: &str, kind: &str, body: Vec<u8>) -> (u16, Vec<u8>) {
        let request = Request::builder()
            .method(method)
            .uri(address)
            .header(header::HOST, "localhost")
            .header(header::COOKIE, format!("tongpin_320500={}", self.secret))
            .header(header::CONTENT_TYPE, kind)
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body))
            .expect("a request");
        let response = self.ground.pages.clone().oneshot(request).await.expect("an answer");
        let status = response.status().as_u16();
        if status == 303 {
            // What a form has done stands on the page that it leads to.
            let to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).expect("where to");
            let (shown, bytes) = Box::pin(self.answered("GET", to, kind, Vec::new())).await;
            // A preview is the answer to its file, problems and all.
            return (if to.contains("/draft/") { shown } else { status }, bytes);
        }
        let bytes = to_bytes(response.into_body(), 1 << 22).await.expect("a body");
        assert!(!bytes.windows(9).any(|text| text == b"lang.pick"), "source text on a page: {address}");
        (status, bytes.to_vec())
    }

    /// A file to download.
    async fn file(&self, address: &str) -> Vec<u8> {
        let (status, bytes) = self.exchange("GET", address, "text/plain", Vec::new()).await;
        assert_eq!(status, 200, "{address}");
        bytes
    }

    async fn open(&self, address: &str) -> (u16, String) {
        self.ask("GET", address, "text/plain", String::new()).await
    }

    async fn send(&self, address: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let mut all = vec![("csrf", self.csrf.as_str())];
        all.extend(fields);
        let body = serde_urlencoded::to_string(all).expect("text");
        self.ask("POST", address, "application/x-www-form-urlencoded", body).await
    }

    async fn upload(&self, address: &str, csrf: &str, file: &str, content: &str) -> (u16, String) {
        self.upload_bytes(address, csrf, file, content.as_bytes()).await
    }

    async fn upload_bytes(&self, address: &str, csrf: &str, file: &str, content: &[u8]) -> (u16, String) {
        let head = format!(
            "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n\
             --x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n2025 年版\r\n\
             --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file}\"\r\n\r\n"
        );
        let body = [head.as_bytes(), content, b"\r\n--x--\r\n"].concat();
        let (status, bytes) = self.exchange("POST", address, "multipart/form-data; boundary=x", body).await;
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Uploads a catalog's file and confirms it the usual way.
    async fn import(&self, catalog: &str, file: &str, content: impl AsRef<[u8]>) -> (u16, String) {
        let draft = format!("/catalogs/{catalog}/draft");
        let (status, shown) = self.upload_bytes(&draft, &self.csrf, file, content.as_ref()).await;
        if status == 200 { self.confirm(catalog, &shown, "merge").await } else { (status, shown) }
    }

    /// Confirms a preview as it was shown, in a way.
    async fn confirm(&self, catalog: &str, preview: &str, way: &str) -> (u16, String) {
        let [file, seen, note] = ["file", "seen", "note"].map(|name| hidden(preview, name));
        let fields = [("file", file.as_str()), ("seen", &seen), ("note", &note), ("way", way)];
        self.send(&format!("/catalogs/{catalog}/draft/confirm"), &fields).await
    }
}

/// One imports a file and sees the difference; the same one cannot publish it, another can, once it is meant; the
/// release is there, and the log names both.
#[tokio::test]
async fn drafted_by_one_published_by_another() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter, Duty::Publish]).await;
    let publisher = ground.reader("fabu", &[Duty::Publish]).await;
    let (_, shown) = clerk.open("/catalogs").await;
    assert!(shown.contains("区划") && shown.contains("尚未发布"));

    let (status, shown) = clerk.import("regions", "regions.csv", REGIONS).await;
    assert_eq!(status, 303, "{shown}");
    for told in ["已存为草稿", "新增 2，修改 0", "320581 常熟市", "2025 年版", "草稿由本人经办"] {
        assert!(shown.contains(told), "{told}");
    }
    assert!(clerk.open("/catalogs").await.1.contains("jingban岗（jingban）"));
    let (status, shown) = clerk.send("/catalogs/regions/publish", &[("sure", "1")]).await;
    assert!(status == 422 && shown.contains("须由另一人审核发布"), "{shown}");

    let (status, shown) = publisher.send("/catalogs/regions/publish", &[]).await;
    assert!(status == 422 && shown.contains("请勾选“确认”后再发布"));
    let (status, shown) = publisher.send("/catalogs/regions/publish", &[("sure", "1")]).await;
    assert!(status == 303 && shown.contains("已发布第 1 版"), "{shown}");
    let id = ground.app.catalog("regions");
    let release = ground.app.store().release(&id, 1).await.expect("readable").expect("published").release;
    assert_eq!(release.drafted_by, "jingban岗（jingban）");
    assert_eq!((release.approved_by.as_str(), release.note.as_str()), ("fabu岗（fabu）", "2025 年版"));
    let logged = ground.logged("catalog_publish").await;
    assert_eq!(logged.iter().map(|it| (it.0.as_str(), it.2)).collect::<Vec<_>>(), [("jingban", false), ("fabu", true)]);
}

/// A file with mistakes is told line by line and changes nothing; so is one that is no table; what retires is named.
#[tokio::test]
async fn mistakes_are_told_line_by_line() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let wrong = REGIONS.replace("320581,常熟市", "32058x,<script>常熟市</script>");
    let (status, shown) = clerk.upload("/catalogs/regions/draft", &clerk.csrf, "regions.csv", &wrong).await;
    assert_eq!(status, 422);
    assert!(
        shown.contains("没有导入：有错误 1 处") && shown.contains("A3</th><td>code</td><td>32058x</td>"),
        "{shown}"
    );
    assert!(shown.contains("没有草稿") && !shown.contains("<script>"));
    let (status, shown) = clerk.upload("/catalogs/regions/draft", &clerk.csrf, "regions.csv", "").await;
    assert!(status == 422 && shown.contains("role=\"alert\""), "{shown}");
    let id = ground.app.catalog("regions");
    assert_eq!(ground.app.store().draft(&id).await.expect("readable"), None);
    assert_eq!(ground.logged("catalog_draft").await.iter().map(|it| it.2).collect::<Vec<_>>(), [false]);

    clerk.import("regions", "regions.csv", REGIONS).await;
    let publisher = ground.reader("fabu", &[Duty::Publish]).await;
    publisher.send("/catalogs/regions/publish", &[("sure", "1")]).await;
    let less: String = REGIONS.split_inclusive('\n').take(2).collect();
    let (_, shown) = clerk.upload("/catalogs/regions/draft", &clerk.csrf, "regions.csv", &less).await;
    let (_, shown) = clerk.confirm("regions", &shown, "replace").await;
    assert!(shown.contains("停用 1") && shown.contains("<h3>停用</h3>"), "{shown}");
    let (_, page) = clerk.open("/catalogs/regions").await;
    let seen: i64 = hidden(&page, "drafted").parse().expect("a moment");
    for (drafted, stays) in [(Some(seen - 1), true), (None, true), (Some(seen), false)] {
        let drafted = drafted.map(|at| at.to_string()).unwrap_or_default();
        let (status, _) = clerk.send("/catalogs/regions/discard", &[("sure", "1"), ("drafted", &drafted)]).await;
        assert_eq!(status, 303);
        assert_eq!(ground.app.store().draft(&id).await.expect("readable").is_some(), stays);
    }
    assert_eq!(ground.logged("catalog_discard").await.iter().map(|it| it.2).collect::<Vec<_>>(), [false, false, true]);
}

/// Whoever only reads neither drafts, publishes nor discards, with or without the form; an upload without the session's
/// token changes nothing; whoever holds no duty of work sees no catalog.
#[tokio::test]
async fn duties_are_asked_for() {
    let ground = Ground::new().await;
    let reader = ground.reader("chakan", &[Duty::Read]).await;
    let (status, shown) = reader.open("/catalogs/regions").await;
    assert!(status == 200 && !shown.contains("导入草稿"));
    assert_eq!(reader.upload("/catalogs/regions/draft", &reader.csrf, "regions.csv", REGIONS).await.0, 403);
    for step in ["publish", "discard", "draft/confirm"] {
        assert_eq!(reader.send(&format!("/catalogs/regions/{step}"), &[("sure", "1")]).await.0, 403);
    }
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    assert_eq!(clerk.upload("/catalogs/regions/draft", "other", "regions.csv", REGIONS).await.0, 403);
    assert_eq!(clerk.send("/catalogs/regions/publish", &[("sure", "1")]).await.0, 403);
    let (status, shown) = clerk.upload("/catalogs/regoins/draft", &clerk.csrf, "regions.csv", REGIONS).await;
    assert!(status == 422 && shown.contains("没有名为“regoins”的目录"), "a misspelt address makes no catalog");
    let nobody = ground.reader("xitong", &[Duty::System]).await;
    assert_eq!(nobody.open("/catalogs").await.0, 403);
    assert_eq!(ground.logged("page_refused").await.len(), 6);
    let id = ground.app.catalog("regions");
    assert_eq!(ground.app.store().draft(&id).await.expect("readable"), None);
}

/// A file that is too large is refused in words, before it is read.
#[tokio::test]
async fn large_files_are_refused() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let large = "x".repeat(21 * 1024 * 1024);
    let (status, shown) = clerk.upload("/catalogs/regions/draft", &clerk.csrf, "regions.csv", &large).await;
    assert!(status == 413 && shown.contains("文件超过 20 MB"), "{status}");
}

/// The system administrator makes a token that is shown once and is in no log, is told what is wrong with what was
/// typed, and revokes with a reason; others only look.
#[tokio::test]
async fn inviting_and_revoking() {
    let ground = Ground::new().await;
    let admin = ground.reader("xitong", &[Duty::System]).await;
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    assert!(clerk.open("/nodes").await.1.contains("还没有单位加入"));
    assert!(!clerk.open("/nodes").await.1.contains("生成加入码"));
    let invitation = [("region", "320581"), ("address", "10.0.0.1:7401"), ("days", "7")];
    assert_eq!(clerk.send("/nodes/invite", &invitation).await.0, 403);

    let wrong = [("region", "32058"), ("address", "0.0.0.0:7401"), ("days", "400")];
    let (status, shown) = admin.send("/nodes/invite", &wrong).await;
    assert_eq!(status, 422);
    for told in ["应为 6 位区划代码", "不是对方能连接的地址", "1 至 30 天", "value=\"32058\""] {
        assert!(shown.contains(told), "{told}");
    }
    let (status, shown) = admin.send("/nodes/invite", &[("region", "320281"), invitation[1], invitation[2]]).await;
    assert!(status == 422 && shown.contains("aria-invalid"), "another city's county: {status}");
    let (status, shown) = admin.send("/nodes/invite", &invitation).await;
    let token = shown.split("<code>").nth(1).and_then(|rest| rest.split("</code>").next()).expect("a token");
    assert!(status == 303 && token.len() > 40 && shown.contains("<svg"), "{shown}");
    let logged = ground.logged("node_invite").await;
    assert_eq!(logged.iter().map(|it| it.2).collect::<Vec<_>>(), [false, true]);
    assert!(logged.iter().all(|it| !it.1.contains(token)));
    let (status, again) = admin.open("/nodes/invite").await;
    assert!(status == 200 && !again.contains("<code>") && again.contains("只在生成后显示一次"), "{again}");
    assert_eq!(clerk.open("/nodes/invite").await.0, 403);
    assert!(admin.open("/nodes").await.1.contains("已邀请，未加入"));
    let (_, file) = admin.open("/nodes?q=320581&format=csv&column=region&column=link").await;
    assert!(file.lines().count() == 2 && file.contains(",320581,已邀请"), "{file}");
    assert!(admin.open("/nodes?q=320582").await.1.contains("没有符合条件的单位"));

    let (status, shown) = admin.send("/nodes/320581/revoke", &[("reason", ""), ("sure", "1")]).await;
    assert!(status == 422 && shown.contains(">请填写<"), "{shown}");
    let (status, shown) = admin.send("/nodes/320581/revoke", &[("reason", "设备遗失"), ("sure", "1")]).await;
    assert!(status == 303 && shown.contains("已吊销，连接随即断开"), "{shown}");
    let (status, shown) = admin.send("/nodes/320582/revoke", &[("reason", "设备遗失"), ("sure", "1")]).await;
    assert!(status == 422 && shown.contains("role=\"alert\""));
    assert_eq!(ground.logged("node_revoke").await.iter().map(|it| it.2).collect::<Vec<_>>(), [true, false]);
}

/// A collection that is published is listed with who is missing; its page says that nothing can be rolled up yet, and a
/// report that never came cannot be given back.
#[tokio::test]
async fn collections_and_their_reports() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter, Duty::Read]).await;
    let officer = ground.reader("shenhe", &[Duty::Approve, Duty::Publish]).await;
    assert!(officer.open("/collections").await.1.contains("还没有归集任务"));
    let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let text = |file: &str| std::fs::read_to_string(samples.join(file)).expect("a sample");
    for (catalog, file, content) in [
        ("rules", "rules.toml", text("rules.toml")),
        ("regions", "regions.csv", REGIONS.to_owned()),
        ("collections", "county-scores.toml", text("collections/county-scores.toml")),
    ] {
        let (status, shown) = clerk.import(catalog, file, &content).await;
        assert_eq!(status, 303, "{shown}");
        let (status, shown) = officer.send(&format!("/catalogs/{catalog}/publish"), &[("sure", "1")]).await;
        assert_eq!(status, 303, "{shown}");
    }
    let (_, shown) = officer.open("/collections").await;
    assert!(
        shown.contains("/collections/county-scores") && shown.contains("0/1") && shown.contains("常熟市"),
        "{shown}"
    );
    let (status, shown) = officer.open("/collections/county-scores").await;
    assert!(status == 200 && shown.contains("汇总方法") && shown.contains("尚无上报"), "{shown}");
    assert!(!shown.contains("退回原因"), "there is nothing to give back");
    assert_eq!(officer.open("/collections/unknown").await.0, 422);

    let given = [("report", "320581/1"), ("reason", "完成值有误"), ("sure", "1")];
    assert_eq!(clerk.send("/collections/county-scores/return", &given).await.0, 403);
    let (status, shown) = officer.send("/collections/county-scores/return", &given).await;
    assert!(status == 422 && shown.contains("没有收到过这份上报"), "{shown}");
    let (status, _) = officer.send("/collections/county-scores/return", &given[..1]).await;
    assert_eq!(status, 422);
}
